from odoo import api, fields, models
from odoo.tools import SQL

# Days within which a customer who comes with the same thing is a duplicate (the case
# before is open) or a repeat (it is closed).
DUPLICATE_DAYS = 30
REPEAT_DAYS = 90


class CrmCaseRelation(models.Model):
    """Links to other cases; duplicates and repeats are recognised on arrival."""

    _inherit = "crm.case"

    link_ids = fields.One2many(
        "crm.case.link", "case_id", "Links", groups="base.group_user"
    )
    back_link_ids = fields.One2many(
        "crm.case.link", "other_case_id", "Linked From", groups="base.group_user"
    )
    suspect_link_id = fields.Many2one(
        "crm.case.link",
        compute="_compute_suspect_link_id",
        groups="base.group_user",
    )
    suspect_text = fields.Char(
        compute="_compute_suspect_link_id", groups="base.group_user"
    )
    suspect_kind = fields.Char(
        compute="_compute_suspect_link_id",
        groups="base.group_user",
        export_string_translation=False,
    )

    @api.depends("link_ids.is_suspected")
    def _compute_suspect_link_id(self):
        for case in self:
            link = case.link_ids.filtered("is_suspected")[:1]
            case.suspect_link_id = link
            case.suspect_kind = link.kind
            case.suspect_text = link and self.env._(
                "Probably this case %(link)s: %(why)s.",
                link=link.display_name,
                why=link.note,
            )

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        cases._link_similar()
        return cases

    def action_merge_suspect(self):
        return self.suspect_link_id.action_merge()

    def action_dismiss_suspect(self):
        self.suspect_link_id.action_dismiss()

    def action_confirm_suspect(self):
        self.suspect_link_id.action_confirm()

    def _get_form_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.case",
            "res_id": self.id,
            "views": [(False, "form")],
        }

    # ------------------------------------------------------------
    # Duplicates and repeats
    # ------------------------------------------------------------

    def _link_similar(self):
        """Link each case to the latest of the same customer about the same thing."""
        if not self:
            return
        self.env.flush_all()
        labels = {**self._get_similarities(), "name": self.env._("same subject")}
        self.env["crm.case.link"].sudo().create(
            [
                {
                    "case_id": case_id,
                    "other_case_id": other_id,
                    "kind": kind,
                    "note": labels[why],
                    "is_suspected": True,
                }
                for case_id, other_id, kind, why in self.env.execute_query(
                    self._get_similar_query()
                )
            ]
        )

    @api.model
    def _get_similarities(self):
        """Hook: return in which fields two cases agree that are about the same thing.

        :return: texts that say so, by name of field, the surest sign first
        :rtype: dict
        """
        return {
            "invoice_id": self.env._("same invoice"),
            "sale_order_id": self.env._("same order"),
            "product_id": self.env._("same product"),
        }

    def _get_similar_query(self):
        """Return SQL of case, similar case, kind of link, and what is the same."""
        answer = r"^((re|fwd?|aw|wg|tr)\s*:\s*)+"
        signs = {
            name: SQL("k.%(name)s = o.%(name)s", name=SQL.identifier(name))
            for name in self._get_similarities()
        }
        signs["name"] = SQL(
            "regexp_replace(lower(trim(k.name)), %(answer)s, '') "
            "= regexp_replace(lower(trim(o.name)), %(answer)s, '')",
            answer=answer,
        )
        which = [SQL("WHEN %s THEN %s", sign, name) for name, sign in signs.items()]
        return SQL(
            """
            SELECT DISTINCT ON (k.id) k.id, o.id,
                   CASE WHEN o.stage_kind IN ('open', 'waiting')
                        THEN 'duplicate' ELSE 'repeat' END,
                   CASE %(which)s END
              FROM crm_case k
              JOIN crm_case o
                ON o.commercial_partner_id = k.commercial_partner_id
               AND o.company_id = k.company_id AND o.id < k.id AND o.active
               AND o.stage_kind IN ('open', 'waiting', 'solved')
               AND o.case_type = k.case_type
               AND COALESCE(o.date_closed, o.date_received) BETWEEN
                   k.date_received - make_interval(days => CASE
                       WHEN o.stage_kind IN ('open', 'waiting') THEN %(open)s
                       ELSE %(closed)s END)
                   AND k.date_received + interval '1 hour'
               AND (%(signs)s)
             WHERE k.id IN %(ids)s AND k.stage_kind IN ('open', 'waiting')
             ORDER BY k.id, o.stage_kind = 'solved', o.id DESC
            """,
            open=DUPLICATE_DAYS,
            closed=REPEAT_DAYS,
            which=SQL(" ").join(which),
            signs=SQL(" OR ").join(signs.values()),
            ids=tuple(self.ids),
        )
