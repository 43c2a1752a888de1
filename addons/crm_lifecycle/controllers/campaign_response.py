from werkzeug.exceptions import NotFound

from odoo import SUPERUSER_ID, http
from odoo.http import request
from odoo.tools import email_normalize

PAGE = "/campaign/respond"
# Longest input per field; what is longer is cut.
LIMITS = {"name": 100, "email": 254, "phone": 50, "message": 5000}


class CampaignResponse(http.Controller):
    """The public page on which somebody answers a campaign and becomes a lead."""

    @http.route(
        [PAGE, f"{PAGE}/<string:token>"],
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["GET"],
    )
    def campaign_response_form(self, token=None, **params):
        campaign = self._find_campaign(token)
        if not campaign:
            raise NotFound()
        return self._render_form(campaign, params)

    @http.route(
        f"{PAGE}/<string:token>",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["POST"],
    )
    def campaign_response_submit(self, token, **params):
        campaign = self._find_campaign(token)
        if not campaign:
            raise NotFound()
        if campaign.state == "done":
            return self._render_form(campaign, params)
        answer = {
            name: (params.get(name) or "").strip()[:limit]
            for name, limit in LIMITS.items()
        }
        if not answer["name"] or not email_normalize(answer["email"]):
            error = request.env._("Please enter your name and a valid e-mail address.")
            return self._render_form(campaign, params, answer=answer, error=error)
        # Only machines fill in a field that nobody sees: they are thanked and ignored.
        if not params.get("website"):
            campaign._create_response_lead(answer, self._get_utm_names(params))
        return request.redirect(f"{PAGE}/{token}/thanks", code=303)

    @http.route(
        f"{PAGE}/<string:token>/thanks",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["GET"],
    )
    def campaign_response_thanks(self, token, **params):
        campaign = self._find_campaign(token)
        if not campaign:
            raise NotFound()
        return request.render(
            "crm_lifecycle.campaign_response_thanks", {"campaign": campaign}
        )

    def _find_campaign(self, token):
        """Return the campaign of the page, with the rights of the system, which makes
        leads for people without an account. Without a token the visitor's own cookie
        tells what campaign he came by.
        """
        campaigns = request.env["utm.campaign"].with_user(SUPERUSER_ID)
        if token:
            return campaigns._find_by_response_token(token)
        name = self._get_utm_names(request.params).get("utm_campaign")
        if not name:
            return campaigns
        return campaigns.search(
            [("name", "=", name), ("is_auto_campaign", "=", False)], limit=1
        )

    def _get_utm_names(self, params):
        """Return campaign, source and medium: from the address, else the cookies."""
        return {
            name: params.get(name) or request.cookies.get(cookie)
            for name, _field, cookie in request.env["utm.mixin"].tracking_fields()
        }

    def _render_form(self, campaign, params, answer=None, error=None):
        return request.render(
            "crm_lifecycle.campaign_response_form",
            {
                "campaign": campaign,
                "action": f"{PAGE}/{campaign.response_token}",
                "answer": answer or dict.fromkeys(LIMITS, ""),
                "error": error,
                "utm_names": self._get_utm_names(params),
            },
        )
