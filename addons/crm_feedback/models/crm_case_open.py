from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize, plaintext2html


class CrmCaseOpen(models.Model):
    """Cases that other systems open: a shop, an app, a call centre."""

    _inherit = "crm.case"

    intake_key = fields.Char(
        "Key of the Sender",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="How the system that opened the case calls it. Sent again, it opens none.",
    )

    _intake_key_uniq = models.UniqueIndex(
        "(company_id, intake_key) WHERE intake_key IS NOT NULL",
        "A case with this key exists already.",
    )

    @api.model
    def open_case(
        self,
        subject,
        description="",
        email="",
        phone="",
        name="",
        order="",
        case_type="question",
        key="",
    ):
        """Open a case for a customer and acknowledge it.

        :param str subject: what it is about, in a few words
        :param str description: what happened, as plain text
        :param str email: the customer's address; with it he is found or made, and
            gets the acknowledgement
        :param str phone: the customer's telephone number
        :param str name: the customer's name, if he is new
        :param str order: number of the order that the case is about
        :param str case_type: complaint, question, incident, request or
            billing_dispute
        :param str key: names the case at the sender; sent again nothing is opened
        :return: ``id``, ``number``, ``created`` and ``expected_answer`` (UTC, or False)
        :rtype: dict
        :raise UserError: without subject, or with neither a valid address nor a number
        """
        self.check_access("create")
        case = self._find_by_intake_key(key)
        created = not case
        if created:
            case = self.create(
                self._prepare_opened_values(
                    subject, description, email, phone, name, order, case_type, key
                )
            )
            case._acknowledge()
        expected = case._get_expected_answer()
        return {
            "id": case.id,
            "number": case.number,
            "created": created,
            "expected_answer": fields.Datetime.to_string(expected) or False,
        }

    @api.model
    def _find_by_intake_key(self, key):
        if not key:
            return self.browse()
        return self.search(
            [("intake_key", "=", key), ("company_id", "=", self.env.company.id)],
            limit=1,
        )

    @api.model
    def _prepare_opened_values(
        self, subject, description, email, phone, name, order, case_type, key
    ):
        if not (subject or "").strip():
            raise UserError(self.env._("Say in subject what the case is about."))
        if not (email_normalize(email) or phone):
            raise UserError(self.env._("Give an e-mail address or a telephone number."))
        found = self._find_ordered(order, email)
        return {
            "name": subject.strip(),
            "description": description and plaintext2html(description),
            "case_type": case_type,
            "channel": "api",
            "partner_id": (found.partner_id or self._find_opener(email, name)).id,
            "email_from": email,
            "phone": phone,
            "sale_order_id": found.id,
            "line_ids": found.order_line._prepare_case_line_commands(),
            "intake_key": key or False,
        }

    @api.model
    def _find_ordered(self, order, email):
        """Return the order of that number, if it is of who has that address."""
        orders = self.env["sale.order"].sudo()
        address = email_normalize(email)
        if not (order and address):
            return orders
        found = orders.search(
            [("name", "=", order), ("company_id", "=", self.env.company.id)], limit=1
        )
        customer = found.partner_id.commercial_partner_id
        known = (customer | customer.child_ids).mapped("email_normalized")
        return found if address in known else orders

    @api.model
    def _find_opener(self, email, name):
        if not email_normalize(email):
            return self.env["res.partner"]
        return (
            self.env["mail.thread"]
            .sudo()
            ._partner_find_from_emails_single(
                [email],
                additional_values={email_normalize(email): {"name": name or email}},
                no_create=False,
            )
        )
