from odoo.http import request, route

from odoo.addons.rating.controllers.main import Rating


class CaseRating(Rating):
    """Programs that check mails open links and send forms. A rating of a case counts
    only when a person has pressed a key or the mouse on the page: the page says so in
    ``pressed`` (see ``rating_by_person.js``)."""

    @route()
    def action_submit_rating(self, token, rate=0, **kwargs):
        found, _record = self._get_rating_and_record(token)
        sent = request.httprequest.method == "POST"
        if sent and found.res_model == "crm.case" and kwargs.get("pressed") != "1":
            return self._ask_again(token, rate)
        return super().action_submit_rating(token, rate=rate, **kwargs)

    def _ask_again(self, token, rate):
        chosen = int(rate) if str(rate) in ("1", "3", "5") else 5
        return self.action_open_rating(token, chosen)
