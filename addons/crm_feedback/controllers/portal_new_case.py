from odoo import Command
from odoo.http import request, route
from odoo.tools import format_date, plaintext2html
from odoo.tools.mimetypes import guess_mimetype

from odoo.addons.portal.controllers.portal import CustomerPortal

from .portal import ID_MAX, SUBJECT_MAX

# Types that a customer can tell apart; the others are for the agents to choose.
PORTAL_TYPES = ("question", "complaint", "request", "billing_dispute")
# Orders offered when a case is opened, the latest first.
ORDER_LIMIT = 20
DESCRIPTION_MAX = 20_000
# Photos and papers; nothing that a browser would run (SVG, HTML).
FILE_TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf")
FILE_LIMIT = 5
FILE_MEGABYTES = 10
FILE_SIZE_MAX = FILE_MEGABYTES * 1024**2


class NewCasePortal(CustomerPortal):
    """The form in which a customer asks or complains, about an order or one of its
    products."""

    @route(["/my/cases/new"], type="http", auth="user", website=True)
    def portal_new_case(self, **kw):
        return request.render(
            "crm_feedback.portal_new_case", self._get_new_case_values(kw)
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
        files, error = self._read_files()
        if not values["name"] or not values["description"]:
            error = request.env._("Please give a subject and a description.")
        if error:
            page = dict(self._get_new_case_values(post), error=error)
            return request.render("crm_feedback.portal_new_case", page)
        case = request.env["crm.case"].sudo().create(values)
        self._attach(case, files)
        self._record_search(case)
        case._acknowledge()
        return request.redirect(f"/my/cases/{case.id}")

    def _record_search(self, case):
        """Note whether the articles had an answer to what was asked after all."""
        articles = request.env["crm.knowledge.article"].sudo()
        found = articles._find(
            case.name, articles._get_customer_domain(case.company_id)
        )
        request.env["crm.knowledge.search"].sudo()._record(
            case.name, found, "case", case.company_id, case.partner_id
        )

    def _get_new_case_values(self, post):
        order, line = self._get_subject(post)
        fields = request.env["crm.case"]._fields
        values = self._prepare_portal_layout_values()
        values.update(
            page_name="new_case",
            case_types=[
                item
                for item in fields["case_type"]._description_selection(request.env)
                if item[0] in PORTAL_TYPES
            ],
            remedies=fields["requested_remedy"]._description_selection(request.env),
            orders=order | self._get_customer_orders(),
            chosen_order=order,
            chosen_line=line,
            post=post,
            format_date=lambda date: format_date(request.env, date),
            file_types=",".join(FILE_TYPES),
            file_limit=FILE_LIMIT,
            file_megabytes=FILE_MEGABYTES,
        )
        return values

    # ------------------------------------------------------------
    # What the case is about
    # ------------------------------------------------------------

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

    def _get_subject(self, post):
        """Return the customer's order, and its line, that the address or form names.

        ``about`` is ``order-<id>`` or ``line-<id>``; what is not the customer's own
        is as good as not named.
        """
        no_line = request.env["sale.order.line"].sudo()
        kind, _sign, text = str(post.get("about") or "").partition("-")
        if not text.isdecimal() or int(text) > ID_MAX:
            return request.env["sale.order"].sudo(), no_line
        if kind == "line":
            order = self._get_customer_orders([("order_line", "in", [int(text)])])
            lines = self._get_offered_lines(order)
            return order, lines.filtered(lambda line: line.id == int(text))
        return self._get_customer_orders([("id", "=", int(text))]), no_line

    def _get_offered_lines(self, orders):
        return orders.order_line.filtered(
            lambda line: line.product_id and not line.display_type
        )

    def _prepare_case_values(self, post):
        order, line = self._get_subject(post)
        company = order.company_id or request.env.company
        text = (post.get("description") or "").strip()[:DESCRIPTION_MAX]
        remedies = (
            request.env["crm.case"]._fields["requested_remedy"].get_values(request.env)
        )
        case_type, remedy = post.get("case_type"), post.get("requested_remedy")
        return {
            "name": (post.get("name") or "").strip()[:SUBJECT_MAX],
            "description": text and plaintext2html(text),
            "case_type": case_type if case_type in PORTAL_TYPES else "question",
            "requested_remedy": remedy if remedy in remedies else False,
            "channel": "portal",
            "partner_id": request.env.user.partner_id.id,
            "sale_order_id": order.id,
            "line_ids": self._prepare_line_values(line),
            "company_id": company.id,
        }

    def _prepare_line_values(self, lines):
        return [
            Command.create(
                {
                    "product_id": line.product_id.id,
                    "sale_line_id": line.id,
                    "quantity": line.product_uom_qty or 1,
                }
            )
            for line in lines
        ]

    # ------------------------------------------------------------
    # Photos and papers
    # ------------------------------------------------------------

    def _read_files(self):
        """Return the files sent, as (name, content), and why they are refused."""
        sent = request.httprequest.files.getlist("attachments")
        files = [(file.filename, file.read(FILE_SIZE_MAX + 1)) for file in sent]
        files = [(name, content) for name, content in files if content]
        return files, self._get_refusal(files)

    def _get_refusal(self, files):
        if len(files) > FILE_LIMIT:
            return request.env._("Please send at most %s files.", FILE_LIMIT)
        for name, content in files:
            if len(content) > FILE_SIZE_MAX:
                return request.env._(
                    "%(file)s is too large: at most %(limit)s MB.",
                    file=name,
                    limit=FILE_MEGABYTES,
                )
            if guess_mimetype(content) not in FILE_TYPES:
                return request.env._(
                    "%s can't be taken: send photos (JPEG, PNG) or PDF files.", name
                )
        return None

    def _attach(self, case, files):
        if files:
            case.message_post(
                attachments=files,
                author_id=case.partner_id.id,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
