from urllib.parse import urlencode

from werkzeug.exceptions import NotFound

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

# The largest integer that PostgreSQL takes for an id.
ID_MAX = 2**31 - 1
SUBJECT_MAX = 200
COMMENT_MAX = 2_000
RATES = ("1", "2", "3", "4", "5")


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
        return self._render_case(self._get_case(case_id, access_token), access_token)

    def _render_case(self, case, access_token, error=None):
        values = self._get_page_view_values(
            case,
            access_token,
            self._prepare_case_page(case, access_token, error),
            "my_cases_history",
            False,
        )
        return request.render("crm_feedback.portal_my_case", values)

    def _prepare_case_page(self, case, access_token, error):
        return {
            "page_name": "case",
            "case": case,
            "case_token": access_token,
            "rating": case._get_customer_rating(),
            "error": error,
        }

    def _get_case(self, case_id, access_token):
        """Return the case, as superuser, or say that there is none.

        Nobody learns whether a case that is not his exists.
        """
        if not 0 < case_id <= ID_MAX:
            raise NotFound
        try:
            return self._document_check_access("crm.case", case_id, access_token)
        except (AccessError, MissingError) as error:
            raise NotFound from error

    # ------------------------------------------------------------
    # What the customer does with it
    # ------------------------------------------------------------

    @route(
        ["/my/cases/<int:case_id>/<any(close, reopen):step>"],
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_step(self, case_id, step, access_token=None, **post):
        case = self._get_case(case_id, access_token)
        act = {"close": case._close_by_customer, "reopen": case._reopen_by_customer}
        return self._do_step(case, access_token, act[step])

    @route(
        ["/my/cases/<int:case_id>/rate"],
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_rate(self, case_id, access_token=None, rate="", comment="", **post):
        case = self._get_case(case_id, access_token)
        stars = int(rate) if rate in RATES else 0
        text = comment.strip()[:COMMENT_MAX]
        return self._do_step(
            case, access_token, lambda: case._rate_by_customer(stars, text)
        )

    def _do_step(self, case, access_token, act):
        """Do what the customer asked for; show him why when it can't be done."""
        try:
            with request.env.cr.savepoint():
                act()
        except UserError as refusal:
            return self._render_case(case, access_token, str(refusal))
        query = f"?{urlencode({'access_token': access_token})}" if access_token else ""
        return request.redirect(f"{case.access_url}{query}")
