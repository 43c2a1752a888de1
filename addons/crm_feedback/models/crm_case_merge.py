from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmCaseMerge(models.Model):
    """Cases about the same thing become one, with all that was said and done."""

    _inherit = "crm.case"

    merged_into_id = fields.Many2one(
        "crm.case",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="base.group_user",
        help="The case that goes on in place of this one.",
    )
    merged_ids = fields.One2many(
        "crm.case", "merged_into_id", "Merged Cases", groups="base.group_user"
    )

    def _merge(self, cases):
        """Let this case go on in place of ``cases``, which are closed.

        :raise UserError: the cases are of different customers or companies, or merged
            already
        """
        self.ensure_one()
        cases -= self
        (self | cases).check_access("write")
        self._check_merge(cases)
        self.sudo()._take_over(cases.sudo())
        self.message_subscribe(cases.sudo().message_partner_ids.ids)
        self._note_merge(cases)
        cases._close_merged(self)

    def _check_merge(self, cases):
        everybody = self | cases
        if everybody.sudo().merged_into_id or not cases:
            raise UserError(self.env._("Choose two or more cases, none merged before."))
        if len(everybody.company_id) > 1 or len(everybody.commercial_partner_id) > 1:
            raise UserError(
                self.env._(
                    "Only cases of one customer can be merged, else one would read "
                    "what another wrote. For one cause that hits several customers, "
                    "set the same parent case."
                )
            )

    def _take_over(self, cases):
        self.write(
            {
                name: source._fields[name].convert_to_write(source[name], source)
                for name, source in self._find_missing(cases).items()
            }
        )
        for model_name, field_name in self._get_merge_relations():
            records = self.env[model_name].search([(field_name, "in", cases.ids)])
            records.write({field_name: self.id})
        self._take_over_links(cases)
        for model_name in ("mail.message", "ir.attachment", "mail.activity"):
            self._take_over_documents(model_name, cases)
        # The ORM does not know that the owner of a document by reference changed.
        (self | cases).invalidate_recordset()

    def _find_missing(self, cases):
        """Return, by field that is empty here, the first case that has it."""
        return {
            name: source
            for name in self._get_taken_over_fields()
            if not self[name]
            and (source := cases.filtered(lambda case, name=name: case[name])[:1])
        }

    @api.model
    def _get_taken_over_fields(self):
        """Hook: return what the case that goes on takes over where it has nothing.

        :rtype: list[str]
        """
        return [
            "partner_id",
            "email_from",
            "phone",
            "sale_order_id",
            "invoice_id",
            "product_id",
            "category_id",
            "user_id",
            "description",
        ]

    @api.model
    def _get_merge_relations(self):
        """Hook: return the records that follow a case when it is merged.

        :return: names of models and of their field that leads to the case
        :rtype: list[tuple]
        """
        return [("crm.case.line", "case_id"), ("crm.case", "parent_id")]

    def _take_over_documents(self, model_name, cases):
        model_field = "model" if model_name == "mail.message" else "res_model"
        documents = self.env[model_name].search(
            [(model_field, "=", self._name), ("res_id", "in", cases.ids)]
        )
        documents.write({"res_id": self.id})

    def _take_over_links(self, cases):
        """Point what was linked to the cases here; what would double is dropped."""
        links = cases.link_ids | cases.back_link_ids
        known = {(link.other_case_id, link.kind) for link in self.link_ids}
        for link in links:
            other = link.other_case_id if link.case_id in cases else link.case_id
            if other in self | cases or (other, link.kind) in known:
                link.unlink()
                continue
            known.add((other, link.kind))
            side = "case_id" if link.case_id in cases else "other_case_id"
            link[side] = self

    def _note_merge(self, cases):
        for case in cases:
            case._note(self.env._("Merged into %s.", self.display_name))
        self._note(
            self.env._(
                "%s goes on here: its messages, followers, files and activities were "
                "taken over.",
                cases.mapped("display_name"),
            )
        )

    def _note(self, text):
        """Put an internal note on the case."""
        self.message_post(body=text, subtype_xmlid="mail.mt_note")

    def _close_merged(self, survivor):
        self.write({"merged_into_id": survivor.id})
        duplicate = self.env["crm.case.resolution"].search(
            [("kind", "=", "duplicate")], limit=1
        )
        self.filtered(lambda case: not case.resolution_id).write(
            {"resolution_id": duplicate.id}
        )
        still_open = self.filtered(
            lambda case: case.stage_kind in ("open", "waiting", "solved")
        )
        still_open._move_to("cancelled")

    def _get_missing_for_cancelling(self):
        if self.sudo().merged_into_id:
            return []
        return super()._get_missing_for_cancelling()

    def _follow_customer_reply(self):
        """What comes for a merged case wakes the one that goes on."""
        merged = self.filtered("merged_into_id")
        if merged:
            merged.merged_into_id._follow_customer_reply()
        return super(CrmCaseMerge, self - merged)._follow_customer_reply()

    def _message_post_after_hook(self, message, msg_values):
        """A customer who writes to a merged case writes to the one that goes on."""
        result = super()._message_post_after_hook(message, msg_values)
        survivor = self.sudo().merged_into_id
        if survivor and message.author_id.partner_share:
            message.sudo().res_id = survivor.id
        return result
