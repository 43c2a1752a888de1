from odoo.exceptions import AccessError, MissingError
from odoo.fields import Domain
from odoo.http import request, route
from odoo.tools import plaintext2html

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

# Types that a customer can tell apart; the others are for the agents to choose.
PORTAL_TYPES = ("question", "complaint", "request", "billing_dispute")
# Orders offered when a case is opened, the latest first.
ORDER_LIMIT = 20
# The largest integer that PostgreSQL takes for an id.
ID_MAX = 2**31 - 1
DESCRIPTION_MAX = 20_000
SUBJECT_MAX = 200


class CasePortal(CustomerPortal):
    # ------------------------------------------------------------
    # List
    # ------------------------------------------------------------

    def _get_case_searchbar_sortings(self):
        return {
            "date": {
                "label": request.env._("Newest"),
                "order": "date_received desc, id desc",
            },
            "number": {
                "label": request.env._("Number"),
                "order": "number desc",
            },
            "stage": {
                "label": request.env._("Status"),
                "order": "stage_id, id desc",
            },
        }

    def _get_case_searchbar_filters(self):
        return {
            "all": {"label": request.env._("All"), "domain": []},
            "open": {
                "label": request.env._("Open"),
                "domain": [("stage_kind", "in", ("open", "waiting"))],
            },
            "closed": {
                "label": request.env._("Closed"),
                "domain": [("stage_kind", "in", ("solved", "cancelled"))],
            },
        }

    @route(
        ["/my/cases", "/my/cases/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def portal_my_cases(self, page=1, sortby="date", filterby="all", **kw):
        cases = request.env["crm.case"]
        sortings = self._get_case_searchbar_sortings()
        filters = self._get_case_searchbar_filters()
        sortby = sortby if sortby in sortings else "date"
        filterby = filterby if filterby in filters else "all"
        domain = Domain(filters[filterby]["domain"])
        pager = portal_pager(
            url="/my/cases",
            url_args={"sortby": sortby, "filterby": filterby},
            total=cases.search_count(domain),
            page=page,
            step=self._items_per_page,
        )
        found = cases.search(
            domain,
            order=sortings[sortby]["order"],
            limit=self._items_per_page,
            offset=pager["offset"],
        )
        request.session["my_cases_history"] = found.ids[:100]
        values = self._prepare_portal_layout_values()
        values.update(
            cases=found.sudo(),
            page_name="case",
            default_url="/my/cases",
            pager=pager,
            searchbar_sortings=sortings,
            searchbar_filters=filters,
            sortby=sortby,
            filterby=filterby,
        )
        return request.render("crm_feedback.portal_my_cases", values)

    # ------------------------------------------------------------
    # One case
    # ------------------------------------------------------------

    @route(["/my/cases/<int:case_id>"], type="http", auth="public", website=True)
    def portal_my_case(self, case_id, access_token=None, **kw):
        try:
            case_sudo = self._document_check_access("crm.case", case_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        values = self._get_page_view_values(
            case_sudo,
            access_token,
            {"page_name": "case", "case": case_sudo},
            "my_cases_history",
            False,
            **kw,
        )
        return request.render("crm_feedback.portal_my_case", values)

    # ------------------------------------------------------------
    # New case
    # ------------------------------------------------------------

    @route(["/my/cases/new"], type="http", auth="user", website=True)
    def portal_new_case(self, order_id=None, **kw):
        return request.render(
            "crm_feedback.portal_new_case", self._get_new_case_values(order_id, {})
        )

    @route(
        ["/my/cases/create"],
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_create_case(self, **post):
        values = self._prepare_case_values(post)
        if not values["name"] or not values["description"]:
            page = self._get_new_case_values(post.get("order_id"), post)
            page["error"] = request.env._("Please give a subject and a description.")
            return request.render("crm_feedback.portal_new_case", page)
        case = request.env["crm.case"].sudo().create(values)
        case._acknowledge()
        return request.redirect(f"/my/cases/{case.id}")

    def _get_new_case_values(self, order_id, post):
        types = request.env["crm.case"]._fields["case_type"]
        chosen = self._get_chosen_order(order_id)
        values = self._prepare_portal_layout_values()
        values.update(
            page_name="new_case",
            case_types=[
                item
                for item in types._description_selection(request.env)
                if item[0] in PORTAL_TYPES
            ],
            orders=chosen | self._get_customer_orders(),
            chosen_order=chosen,
            post=post,
        )
        return values

    def _get_customer_orders(self, domain=()):
        """Return the orders that the customer may see, by stock's own rules."""
        orders = request.env["sale.order"]
        if not orders.has_access("read"):
            return orders.sudo()
        return orders.search(
            [("state", "=", "sale"), *domain],
            order="date_order desc",
            limit=ORDER_LIMIT,
        ).sudo()

    def _get_chosen_order(self, order_id):
        """Return the customer's order of that id, or none."""
        text = str(order_id or "")
        if not text.isdecimal() or int(text) > ID_MAX:
            return request.env["sale.order"]
        return self._get_customer_orders([("id", "=", int(text))])

    def _prepare_case_values(self, post):
        case_type = post.get("case_type")
        order = self._get_chosen_order(post.get("order_id"))
        company = order.company_id or request.env.company
        text = (post.get("description") or "").strip()[:DESCRIPTION_MAX]
        return {
            "name": (post.get("name") or "").strip()[:SUBJECT_MAX],
            "description": text and plaintext2html(text),
            "case_type": case_type if case_type in PORTAL_TYPES else "question",
            "channel": "portal",
            "partner_id": request.env.user.partner_id.id,
            "sale_order_id": order.id,
            "company_id": company.id,
        }
