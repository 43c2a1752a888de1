from odoo.http import request, route

from odoo.addons.mass_mailing.controllers.main import MassMailController


class MassMailConsentController(MassMailController):
    """The button of mail programs that unsubscribes at once (RFC 8058)."""

    @route()
    def mailing_unsubscribe_oneclick(
        self, mailing_id, document_id=None, email=None, hash_token=None, **post
    ):
        """End the consent to what the mailing was for, and nothing else.

        An address that no contact has goes the way of stock: to the blacklist, or out
        of the mailing list.
        """
        mailing = request.env["mailing.mailing"].sudo().browse(mailing_id).exists()
        if mailing and hash_token and not mailing.mailing_on_mailing_list:
            self._check_mailing_email_token(
                mailing_id, document_id, email, hash_token, required_mailing_id=True
            )
            if mailing._withdraw_consent(email):
                return request.make_response("")
        return super().mailing_unsubscribe_oneclick(
            mailing_id,
            document_id=document_id,
            email=email,
            hash_token=hash_token,
            **post,
        )
