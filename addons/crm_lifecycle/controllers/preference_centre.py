from odoo import http
from odoo.exceptions import ValidationError
from odoo.http import request

from ..models.res_partner_preference import PREFERENCE_PAGE

PORTAL_PAGE = "/my/preferences"
HOURS = range(24)


class PreferenceCentre(http.Controller):
    """The page on which contacts say what they want to hear, how often and when.

    By a signed link, without login, or on the portal. Reading a page never changes
    anything: programs that follow links in e-mails must not decide for anybody.
    """

    @http.route(
        PREFERENCE_PAGE,
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["GET"],
    )
    def preference_centre_entry(self, **params):
        """The placeholder of mailings: without a link of his own, one has to log in."""
        if request.env.user._is_public():
            return self._refuse_link()
        return request.redirect(PORTAL_PAGE)

    @http.route(
        f"{PREFERENCE_PAGE}/<string:token>",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["GET"],
    )
    def preference_centre_form(self, token, saved=None, **params):
        partner, _source = self._find_partner(token)
        if not partner:
            return self._refuse_link()
        return self._render_form(partner, f"{PREFERENCE_PAGE}/{token}", saved=saved)

    @http.route(
        f"{PREFERENCE_PAGE}/<string:token>",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["POST"],
    )
    def preference_centre_submit(self, token, **answers):
        partner, source = self._find_partner(token)
        if not partner:
            return self._refuse_link()
        return self._save(partner, f"{PREFERENCE_PAGE}/{token}", answers, source)

    @http.route(PORTAL_PAGE, type="http", auth="user", website=True, methods=["GET"])
    def portal_my_preferences(self, saved=None, **params):
        partner = request.env.user.partner_id.sudo()
        return self._render_form(partner, PORTAL_PAGE, saved=saved, portal=True)

    @http.route(PORTAL_PAGE, type="http", auth="user", website=True, methods=["POST"])
    def portal_my_preferences_submit(self, **answers):
        partner = request.env.user.partner_id.sudo()
        return self._save(partner, PORTAL_PAGE, answers, "portal")

    @http.route(
        f"{PREFERENCE_PAGE}/confirm/<string:token>",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["GET"],
    )
    def preference_centre_confirm(self, token, **params):
        consent = self._find_consent(token)
        if not consent:
            return self._refuse_link()
        wording = consent.purpose_id._get_wording(consent.channel)
        return self._render_page(
            "crm_lifecycle.preference_centre_confirm",
            {
                "consent": consent,
                "wording": wording,
                "action": request.httprequest.path,
            },
        )

    @http.route(
        f"{PREFERENCE_PAGE}/confirm/<string:token>",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["POST"],
    )
    def preference_centre_confirm_submit(self, token, **answers):
        consent = self._find_consent(token)
        if not consent:
            return self._refuse_link()
        consent._confirm(request.env._("Link in the confirmation e-mail"))
        url = consent.partner_id._get_preference_url()
        return self._render_page(
            "crm_lifecycle.preference_centre_confirmed", {"url": url}
        )

    # ------------------------------------------------------------
    # Pages
    # ------------------------------------------------------------

    def _find_partner(self, token):
        partner, source = request.env["res.partner"]._find_by_preference_token(token)
        self._speak_language_of(partner)
        return partner.with_env(request.env(su=True)), source

    def _find_consent(self, token):
        consent = request.env["crm.consent"]._find_by_confirm_token(token)
        self._speak_language_of(consent.partner_id)
        return consent.with_env(request.env(su=True))

    def _speak_language_of(self, partner):
        if partner.lang:
            request.update_context(lang=partner.lang)

    def _refuse_link(self):
        """The same page for a forged, broken, used or old link: it tells nothing."""
        response = self._render_page("crm_lifecycle.preference_centre_refused", {})
        response.status_code = 403
        return response

    def _save(self, partner, page, answers, source):
        preferences = request.env["crm.consent.preference"]
        try:
            preferences._save_answers(partner, answers, source)
        except ValidationError as error:
            return self._render_form(
                partner,
                page,
                error=str(error),
                portal=page == PORTAL_PAGE,
                answers=answers,
            )
        return request.redirect(f"{page}?saved=1", code=303)

    def _render_form(
        self, partner, page, saved=None, error=None, portal=False, answers=None
    ):
        """Show what the contact has decided, or what he has just filled in."""
        preferences = request.env["crm.consent.preference"]
        frequency = preferences._fields["frequency"]
        template = "crm_lifecycle.preference_centre_form"
        if portal:
            template = "crm_lifecycle.portal_my_preferences"
        return self._render_page(
            template,
            {
                "action": page,
                "partner": partner,
                "topics": preferences._get_topics(partner, answers),
                "timing": preferences._get_timing(partner, answers),
                "frequencies": frequency._description_selection(request.env),
                "hours": [(hour, preferences._format_hour(hour)) for hour in HOURS],
                "masked_email": self._mask_email(partner.email_normalized),
                "saved": saved,
                "error": error,
                "page_name": "preferences",
            },
        )

    def _mask_email(self, email):
        """Enough to recognise one's own address, not enough to learn another's."""
        name, at, domain = (email or "").partition("@")
        return f"{name[:1]}…{at}{domain}" if at else ""

    def _render_page(self, template, values):
        response = request.render(template, values)
        # The address of the page is a key: it must not be told to linked sites.
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex"
        return response
