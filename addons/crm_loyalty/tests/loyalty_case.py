from odoo.fields import Command
from odoo.tests import TransactionCase


class LoyaltyCase(TransactionCase):
    """A club that gives a point for each unit of money, and 20 % off for 100 points."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True))
        cls.env["loyalty.program"].search([]).active = False
        cls.ledger = cls.env["loyalty.points.entry"]
        cls.product = cls._create_product("Lamp", 100)
        cls.customer = cls.env["res.partner"].create({"name": "Ada Lovelace"})
        cls.program = cls._create_program()

    @classmethod
    def _create_product(cls, name, price):
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "service",
                "list_price": price,
                "taxes_id": False,
                "invoice_policy": "order",
            }
        )

    @classmethod
    def _create_program(cls, **values):
        return cls.env["loyalty.program"].create(
            {
                "name": "Club",
                "program_type": "loyalty",
                "applies_on": "both",
                "trigger": "auto",
                "portal_point_name": "points",
                "rule_ids": [
                    Command.create(
                        {"reward_point_mode": "money", "reward_point_amount": 1}
                    )
                ],
                "reward_ids": [
                    Command.create(
                        {
                            "reward_type": "discount",
                            "discount": 20,
                            "discount_mode": "percent",
                            "required_points": 100,
                        }
                    )
                ],
                **values,
            }
        )

    @classmethod
    def _create_tiers(cls, **values):
        return cls.env["loyalty.tier"].create(
            [
                {
                    "name": name,
                    "program_id": cls.program.id,
                    "threshold": threshold,
                    "grace_days": 0,
                    **values,
                }
                for name, threshold in (("Bronze", 0), ("Silver", 500), ("Gold", 1000))
            ]
        )

    @classmethod
    def _create_card(cls, points=0, **values):
        return cls.env["loyalty.card"].create(
            {
                "program_id": cls.program.id,
                "partner_id": cls.customer.id,
                "points": points,
                **values,
            }
        )

    @classmethod
    def _create_order(cls, quantity=1, partner=None, products=None, **values):
        order = cls.env["sale.order"].create(
            {
                "partner_id": (partner or cls.customer).id,
                "order_line": [
                    Command.create(
                        {"product_id": product.id, "product_uom_qty": quantity}
                    )
                    for product in products or cls.product
                ],
                **values,
            }
        )
        order._update_programs_and_rewards()
        return order

    def _claim_reward(self, order, card=None):
        """Claim the program's reward, as the wizard of the order does."""
        order._update_programs_and_rewards()
        return order._apply_program_reward(
            self.program.reward_ids, card or self._get_card()
        )

    def _get_card(self, partner=None):
        return self.env["loyalty.card"].search(
            [
                ("program_id", "=", self.program.id),
                ("partner_id", "=", (partner or self.customer).id),
            ]
        )

    def _book(self, card, *amounts, **facts):
        """Book awards (positive) and spends (negative) on a card."""
        entries = self.ledger
        for points in amounts:
            kind = "award" if points > 0 else "spend"
            entries |= self.ledger._book(
                [{"card_id": card.id, "kind": kind, "points": points, **facts}]
            )
        return entries

    def _get_entries(self, card):
        """Return kind and points of the card's entries, oldest first."""
        entries = self.ledger.search([("card_id", "=", card.id)], order="id")
        return [(entry.kind, entry.points) for entry in entries]

    def assertLedgerIsBalance(self, cards):
        """The balance of each card is the sum of its entries."""
        self.env.flush_all()
        sums = dict(
            self.ledger._read_group(
                [("card_id", "in", cards.ids)], ["card_id"], ["points:sum"]
            )
        )
        for card in cards:
            self.assertAlmostEqual(sums.get(card, 0), card.points, places=6)
