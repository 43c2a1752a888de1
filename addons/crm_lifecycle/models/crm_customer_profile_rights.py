import re

from odoo import api, models

# Who may see all orders of his companies, or makes segments of their figures.
FIGURE_GROUPS = (
    "sales_team.group_sale_salesman_all_leads",
    "account.group_account_invoice",
    "account.group_account_readonly",
    "mass_mailing.group_mass_mailing_user",
    "crm_lifecycle.crm_lifecycle_group_manager",
)
# What counts the orders of all salespeople.
ORDER_FIGURES = frozenset(
    {
        "first_order_date",
        "last_order_date",
        "order_count",
        "revenue",
        "revenue_12m",
        "revenue_previous_12m",
        "average_basket",
        "largest_order",
        "mean_order_interval",
        "expected_order_date",
        "order_interval_trend",
        "margin",
        "margin_rate",
        "favourite_category_id",
        "favourite_category_share",
        "favourite_product_id",
        "category_revenue",
        "category_shares",
        "category_count",
        "product_count",
        "discounted_share",
        "mean_discount",
        "open_quotation_count",
        "open_quotation_amount",
        "cancelled_order_count",
    }
)
# Metrics of consultants count documents of any kind.
METRIC_PREFIX = "x_metric_"
# What is shown in their place to who may not see all orders.
VISIBLE_FIGURES = {
    "order_count": "visible_order_count",
    "revenue": "visible_revenue",
    "last_order_date": "visible_last_order_date",
}
VIEWS_OF_RECORDS = ("list", "form", "kanban")


class CrmCustomerProfileRights(models.Model):
    """Figures that count all orders are for who may see all orders.

    Others, such as salespeople with rights on their own documents, can neither read
    nor search, group or export them. Lists and forms show them what they may see of
    it (``crm_customer_profile_visible.py``).
    """

    _inherit = "crm.customer.profile"

    @api.model
    def _get_order_figures(self):
        """Hook: return the names of the fields that count orders of all salespeople.

        :rtype: frozenset[str]
        """
        return ORDER_FIGURES

    @api.model
    def _get_figure_groups(self):
        """Hook: return the groups whose users see the figures of all orders.

        :rtype: tuple[str]
        """
        return FIGURE_GROUPS

    @api.model
    def _sees_all_figures(self):
        groups = self._get_figure_groups()
        return self.env.su or any(map(self.env.user.has_group, groups))

    def _is_order_figure(self, name):
        return name in self._get_order_figures() or name.startswith(METRIC_PREFIX)

    @api.model
    def _has_field_access(self, field, operation):
        allowed = super()._has_field_access(field, operation)
        if not allowed or not self._is_order_figure(field.name):
            return allowed
        return self._sees_all_figures()

    def _order_to_sql(self, order, query, alias=None, reverse=False):
        """By revenue, as usual, would tell of it: by the customers' ids instead."""
        if (order or self._order) == self._order and not self._sees_all_figures():
            order = "id"
        return super()._order_to_sql(order, query, alias, reverse)

    # ------------------------------------------------------------
    # Views
    # ------------------------------------------------------------

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        key = super()._get_view_cache_key(view_id, view_type, **options)
        return (*key, self._sees_all_figures())

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        if not self._sees_all_figures():
            self._replace_order_figures(arch, view_type in VIEWS_OF_RECORDS)
        return arch, view

    def _replace_order_figures(self, arch, is_of_records):
        """Show what the user may see instead, or nothing."""
        for node in arch.xpath("//field[@name]"):
            name = node.get("name")
            if not self._is_order_figure(name):
                continue
            if is_of_records and name in VISIBLE_FIGURES:
                node.set("name", VISIBLE_FIGURES[name])
                label = self._fields[name]._description_string(self.env)
                node.set("string", node.get("string", label))
                node.attrib.pop("sum", None)
            else:
                node.getparent().remove(node)
        for node in arch.xpath("//label[@for] | //filter"):
            if self._tells_order_figure(node):
                node.getparent().remove(node)
        self._drop_emptied(arch)

    def _tells_order_figure(self, node):
        told = " ".join(
            node.get(name, "") for name in ("for", "domain", "context", "date")
        )
        return any(map(self._is_order_figure, re.findall(r"\w+", told)))

    def _drop_emptied(self, arch):
        """Take away the titles of groups and pages of which nothing is left."""
        for node in arch.xpath("//form//group[@string] | //form//page"):
            if node.getparent() is not None and not node.xpath(".//field"):
                node.getparent().remove(node)
