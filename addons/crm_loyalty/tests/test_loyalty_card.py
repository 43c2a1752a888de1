from odoo.tests import tagged

from odoo.addons.crm_loyalty.hooks import post_init_hook

from .loyalty_case import LoyaltyCase


@tagged("post_install", "-at_install")
class TestLoyaltyCard(LoyaltyCase):
    def test_whatever_writes_the_balance_makes_an_entry(self):
        card = self._create_card(points=10)
        card.points = 25
        card.write({"points": 5, "code": "044-new"})
        card.points += 0
        # The last one draws on both earlier ones.
        self.assertEqual(
            [points for _kind, points in self._get_entries(card)], [10, 15, -10, -10]
        )
        self.assertEqual((card.points, card.code), (5, "044-new"))
        self.assertLedgerIsBalance(card)

    def test_the_balance_wizard_gives_its_reason(self):
        card = self._create_card(points=10)
        self.env["loyalty.card.update.balance"].create(
            {
                "card_id": card.id,
                "new_balance": 60,
                "description": "Sorry for the delay",
            }
        ).action_update_card_point()
        entry = self.ledger.search([("card_id", "=", card.id)], limit=1)
        self.assertRecordValues(
            entry, [{"points": 50, "description": "Sorry for the delay"}]
        )

    def test_generated_cards_are_in_the_ledger(self):
        self.env["loyalty.generate.wizard"].create(
            {
                "program_id": self.program.id,
                "mode": "selected",
                "customer_ids": self.customer.ids,
                "points_granted": 40,
            }
        ).generate_coupons()
        self.assertEqual(self._get_entries(self._get_card()), [("adjustment", 40)])

    def test_entries_of_a_deleted_card_stay(self):
        card = self._create_card(points=10)
        code = card.code
        card.unlink()
        entries = self.ledger.search([("card_code", "=", code)])
        self.assertEqual(entries.mapped("points"), [-10, 10])
        self.assertEqual(entries.partner_id, self.customer)

    def test_merged_customers_keep_their_points(self):
        other = self.env["res.partner"].create({"name": "Ada L."})
        kept = self._create_card(points=10)
        gone = self._create_card(points=30, partner_id=other.id)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.customer | other).ids, self.customer
        )
        self.assertEqual(kept.points, 40)
        self.assertFalse(gone.exists())
        self.assertLedgerIsBalance(kept)

    def test_the_ledger_opens_with_the_balances_there_are(self):
        booked = self._create_card(points=10)
        card = self._create_card()
        self.env.cr.execute(
            "UPDATE loyalty_card SET points = 123.45 WHERE id = %s", [card.id]
        )
        card.invalidate_recordset()
        post_init_hook(self.env)
        self.env.invalidate_all()
        self.assertEqual(self._get_entries(booked), [("adjustment", 10)])
        entry = self.ledger.search([("card_id", "=", card.id)])
        self.assertRecordValues(
            entry,
            [
                {
                    "kind": "adjustment",
                    "points": 123.45,
                    "partner_id": self.customer.id,
                    "company_id": self.program.company_id.id,
                }
            ],
        )
        self.assertLedgerIsBalance(card)
