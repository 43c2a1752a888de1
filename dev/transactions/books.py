"""The back office into which a log is loaded: company, accounts, journals."""

from functools import cached_property

CHART = "generic_coa"


class Books:
    """What the documents of one log have in common."""

    def __init__(self, env, company, last_date):
        self.env = env
        self.company = company
        # Payments after the last day of the log have not happened yet.
        self.last_date = last_date
        self.partners = {}
        self.products = {}

    def load_chart(self):
        """Give the company a chart of accounts when it has none."""
        if not self.company.chart_template:
            self.env["account.chart.template"].try_loading(
                CHART, self.company, install_demo=False
            )
            self.env.cr.commit()

    @cached_property
    def sale_journal(self):
        return self._journal("sale")

    @cached_property
    def bank_journal(self):
        return self._journal("bank")

    def _journal(self, kind):
        return self.env["account.journal"].search(
            [("type", "=", kind), ("company_id", "=", self.company.id)], limit=1
        )

    @cached_property
    def income_account(self):
        return self.sale_journal.default_account_id

    @cached_property
    def receivable_account(self):
        Partner = self.env["res.partner"]
        field = Partner._fields["property_account_receivable_id"]
        return field.get_company_dependent_fallback(Partner)

    def round(self, amount):
        return self.company.currency_id.round(amount)

    def round_price(self, price):
        return round(price, self._price_digits)

    @cached_property
    def _price_digits(self):
        return self.env["decimal.precision"].precision_get("Product Price")

    @cached_property
    def payment_methods(self):
        """Return the manual method of incoming (True) and outgoing (False) payments."""
        journal = self.bank_journal
        return {
            True: journal.inbound_payment_method_line_ids[:1],
            False: journal.outbound_payment_method_line_ids[:1],
        }

    @cached_property
    def outstanding_accounts(self):
        Payment = self.env["account.payment"].new({"company_id": self.company.id})
        return {
            True: Payment._get_outstanding_account("inbound"),
            False: Payment._get_outstanding_account("outbound"),
        }
