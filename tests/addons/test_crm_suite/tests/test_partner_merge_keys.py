import re
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL


@tagged("post_install", "-at_install")
class TestPartnerMergeKeys(TransactionCase):
    """Stock's merge deletes rows of contacts that collide: ours are united before."""

    def _find_tables_with_a_unique_contact(self):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT rel.relname
                  FROM pg_index
                  JOIN pg_class rel ON rel.oid = pg_index.indrelid
                  JOIN pg_constraint con ON con.conrelid = rel.oid
                   AND con.contype = 'f' AND con.confrelid = 'res_partner'::regclass
                   AND con.conkey[1] = ANY(pg_index.indkey)
                 WHERE pg_index.indisunique AND NOT pg_index.indisprimary
                   AND (rel.relname LIKE 'crm\\_%%' OR rel.relname LIKE 'loyalty\\_%%')
                   -- Links of two columns are moved by stock without a loss.
                   AND rel.relnatts > 2
                """
            )
        )
        return {table for (table,) in rows}

    def test_every_unique_key_with_a_contact_is_taken_care_of(self):
        partners = self.env["res.partner"].create([{"name": "Ada"}, {"name": "Bob"}])
        wizard = self.env["base.partner.merge.automatic.wizard"]
        statements = []
        execute_query = type(self.env).execute_query

        def record(env, query):
            statements.append(query.code)
            return execute_query(env, query)

        with patch.object(type(self.env), "execute_query", record):
            wizard._unite_customer_data(partners[1], partners[0])
        tables = self._find_tables_with_a_unique_contact()
        self.assertIn("crm_consent", tables)
        united = set(re.findall(r"\w+", " ".join(statements)))
        self.assertFalse(tables - united, "their rows would be deleted")
