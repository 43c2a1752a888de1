from odoo import http
from odoo.http import content_disposition, request

from odoo.addons.portal.controllers.portal import CustomerPortal

from ..models.crm_consent_proof import PROOF_REPORT

PAGE = "/my/privacy"
# What customers may ask for themselves.
PORTAL_KINDS = ("access", "erasure", "objection")


class PrivacyPortal(CustomerPortal):
    """The rights of the person, on the portal: own data only, and only logged in."""

    @http.route(PAGE, type="http", auth="user", website=True, methods=["GET"])
    def portal_my_privacy(self, asked=None, **params):
        requests = request.env["crm.privacy.request"].sudo()
        values = self._prepare_portal_layout_values() | {
            "requests": requests.search(self._get_own_domain(), order="id DESC"),
            "asked": asked in PORTAL_KINDS and asked,
            "page_name": "privacy",
        }
        return self._uncached(request.render("crm_lifecycle.portal_my_privacy", values))

    @http.route(PAGE, type="http", auth="user", website=True, methods=["POST"])
    def portal_my_privacy_submit(self, kind=None, confirmed=None, **params):
        if kind not in PORTAL_KINDS or (kind == "erasure" and not confirmed):
            return request.redirect(PAGE, code=303)
        self._ask(kind)
        return request.redirect(f"{PAGE}?asked={kind}", code=303)

    @http.route(
        f"{PAGE}/<int:request_id>/archive",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def portal_my_privacy_archive(self, request_id, **params):
        own = request.env["crm.privacy.request"].sudo()
        own = own.search([("id", "=", request_id), *self._get_own_domain()])
        if not own.archive_id:
            raise request.not_found()
        headers = [
            ("Content-Type", "application/zip"),
            ("Content-Disposition", content_disposition(own.archive_id.name)),
        ]
        return self._uncached(
            request.make_response(own.archive_id.raw, headers=headers)
        )

    @http.route(
        "/my/preferences/proof", type="http", auth="user", website=True, methods=["GET"]
    )
    def portal_my_consent_proof(self, **params):
        partner = request.env.user.partner_id
        reports = request.env["ir.actions.report"].sudo()
        if reports.get_wkhtmltopdf_state() != "ok":
            # Without the program that makes PDF files: a page that can be printed.
            page = reports._render_qweb_html(PROOF_REPORT, partner.ids)[0]
            return self._uncached(request.make_response(page))
        content = reports._render_qweb_pdf(PROOF_REPORT, partner.ids)[0]
        name = request.env._("Proof of Consent")
        headers = [
            ("Content-Type", "application/pdf"),
            ("Content-Disposition", content_disposition(f"{name}.pdf")),
        ]
        return self._uncached(request.make_response(content, headers=headers))

    def _get_own_domain(self):
        """A person's requests are his own, not those of the company he works for."""
        return [("partner_id", "=", request.env.user.partner_id.id)]

    def _ask(self, kind):
        """Make the request, unless the same is open already."""
        requests = request.env["crm.privacy.request"].sudo()
        domain = [*self._get_own_domain(), ("kind", "=", kind), ("state", "=", "open")]
        if not requests.search_count(domain, limit=1):
            requests.create(
                {
                    "kind": kind,
                    "partner_id": request.env.user.partner_id.id,
                    "company_id": request.env.company.id,
                    "user_id": False,
                    "source": "portal",
                }
            )

    def _uncached(self, response):
        response.headers["Cache-Control"] = "no-store"
        return response
