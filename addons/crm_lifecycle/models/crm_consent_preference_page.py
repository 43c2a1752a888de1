from odoo import api, fields, models
from odoo.exceptions import ValidationError

SOURCES = ("link", "counter", "portal")
TIMING = ("pause_start", "pause_end", "quiet_from", "quiet_to")


class CrmConsentPreference(models.Model):
    """What the preference page shows, and what its form sends back."""

    _inherit = "crm.consent.preference"

    @api.model
    def _get_topics(self, partner, answers=None):
        """Return what ``partner`` decides on, with what he has said so far.

        :param dict answers: what he has just filled in, if it is to be shown instead
        :return: dicts with the ``purpose``, ``always`` for a contract, the
            ``choices`` (dicts, see :meth:`_get_choice`) and the ``frequency`` wish
        :rtype: list[dict]
        """
        purposes = self.env["crm.consent.purpose"].sudo()
        purposes = purposes.search([("is_offered", "=", True)])
        consents = {
            (consent.purpose_id, consent.channel): consent
            for consent in self.env["crm.consent"]
            .sudo()
            .search([("partner_id", "=", partner.id)])
        }
        wishes = self.sudo().search([("partner_id", "=", partner.id)])
        frequencies = {wish.purpose_id: wish.frequency for wish in wishes}
        topics = [
            {
                "purpose": purpose,
                "always": purpose.basis == "contract",
                "choices": [
                    self._get_choice(purpose, channel, consents.get((purpose, channel)))
                    for channel in purpose._get_channels()
                ],
                "frequency": frequencies.get(purpose, "any"),
            }
            for purpose in purposes
        ]
        return topics if answers is None else self._fill_in(topics, answers)

    @api.model
    def _fill_in(self, topics, answers):
        """Return ``topics`` as they were filled in, so that nothing is typed twice."""
        for topic in topics:
            name = f"frequency_{topic['purpose'].id}"
            topic["frequency"] = answers.get(name, topic["frequency"])
            for choice in topic["choices"]:
                choice["checked"] = bool(answers.get(choice["key"]))
        return topics

    @api.model
    def _get_choice(self, purpose, channel, consent):
        """Return one decision as the page shows it.

        ``state`` is that of the consent, else ``assumed`` (legitimate interest or
        contract) or ``open``; ``checked`` whether messages may come.
        """
        labels = dict(
            self.env["crm.consent"]._fields["channel"]._description_selection(self.env)
        )
        state = consent.state if consent else "open"
        if purpose.basis == "contract":
            state = "assumed"
        elif purpose.basis == "interest" and state in ("open", "pending", "expired"):
            state = "assumed"
        return {
            "key": f"choice_{purpose.id}_{channel}",
            "channel": channel,
            "label": labels[channel],
            "wording": purpose._get_wording(channel),
            "state": state,
            "checked": state in ("granted", "assumed"),
            "date": consent.date if consent else False,
        }

    @api.model
    def _get_timing(self, partner, answers=None):
        """Return the pause and quiet hours that the form shows, as it sends them.

        :param dict answers: what was just filled in, if it is to be shown instead
        :rtype: dict[str, str]
        """
        if answers is not None:
            return {name: answers.get(name) or "" for name in TIMING}
        domain = [("partner_id", "=", partner.id), ("purpose_id", "=", False)]
        wish = self.sudo().search(domain, limit=1)
        return {
            "pause_start": fields.Date.to_string(wish.pause_start) or "",
            "pause_end": fields.Date.to_string(wish.pause_end) or "",
            "quiet_from": str(int(wish.quiet_from)),
            "quiet_to": str(int(wish.quiet_to)),
        }

    @api.model
    def _get_source_label(self, source):
        return {
            "link": self.env._("Preference page, by link"),
            "counter": self.env._("Preference page, at the counter"),
            "portal": self.env._("Preference page, on the portal"),
        }[source]

    # ------------------------------------------------------------
    # Answers
    # ------------------------------------------------------------

    @api.model
    def _save_answers(self, partner, answers, source):
        """Record what changed, with the words that were on the page.

        :param dict answers: the fields of the form, as sent by the browser
        :param str source: link, counter or portal
        :raise ValidationError: dates or hours that make no sense
        """
        stop = bool(answers.get("stop"))
        general = {} if stop else self._parse_timing(answers)
        label = self._get_source_label(source)
        preferences = self.sudo()
        for topic in self._get_topics(partner):
            if topic["always"]:
                continue
            for choice in topic["choices"]:
                ticked = not stop and bool(answers.get(choice["key"]))
                preferences._save_choice(
                    partner, topic["purpose"], choice, ticked, label
                )
            frequency = answers.get(f"frequency_{topic['purpose'].id}")
            if not stop and frequency in dict(self._fields["frequency"].selection):
                preferences._set_wish(
                    partner, topic["purpose"], {"frequency": frequency}, label
                )
        if stop and partner.email_normalized:
            # Senders that know nothing of purposes shall hear of it, too.
            self.env["mail.blacklist"].sudo()._add(partner.email_normalized, label)
        if general:
            nothing = self.env["crm.consent.purpose"]
            preferences._set_wish(partner, nothing, general, label)

    def _save_choice(self, partner, purpose, choice, ticked, source):
        """Record a decision that is new: a tick that was there says nothing."""
        if ticked == choice["checked"]:
            return
        if not ticked and choice["state"] == "refused":
            return
        consents = self.env["crm.consent"]
        consents._record(
            partner, purpose.code, choice["channel"], ticked, source, choice["wording"]
        )
        pending = consents._filter_granted(partner, purpose, choice["channel"])
        if ticked and pending:
            consents._lift_blacklist(partner, choice["channel"])

    @api.model
    def _parse_timing(self, answers):
        """Return pause and quiet hours of the form.

        :raise ValidationError: dates or hours that make no sense
        """
        try:
            timing = {
                "pause_start": fields.Date.to_date(answers.get("pause_start") or False),
                "pause_end": fields.Date.to_date(answers.get("pause_end") or False),
                "quiet_from": float(int(answers.get("quiet_from") or 0)),
                "quiet_to": float(int(answers.get("quiet_to") or 0)),
            }
        except ValueError as error:
            raise ValidationError(
                self.env._("Please enter dates and hours as the form offers them.")
            ) from error
        start, end = timing["pause_start"], timing["pause_end"]
        if start and end and end < start:
            raise ValidationError(
                self.env._("The pause ends before it starts: please change the dates.")
            )
        if not all(0 <= timing[name] < 24 for name in ("quiet_from", "quiet_to")):
            raise ValidationError(
                self.env._("Please enter dates and hours as the form offers them.")
            )
        return timing
