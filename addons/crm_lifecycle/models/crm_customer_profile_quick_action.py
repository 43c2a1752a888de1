from odoo import models


class CrmCustomerProfileQuickAction(models.Model):
    """What can be done for a customer from the 360 view, in one click."""

    _inherit = "crm.customer.profile"

    def _get_360_actions(self):
        """Hook: return what the user can do for the customer from the 360 view.

        :return: dicts with ``key``, ``label``, ``icon``, ``action`` and, if wanted,
            ``url`` (opened as well, such as ``tel:``)
        :rtype: list[dict]
        """
        self.ensure_one()
        actions = []
        # Who may not write a contact may neither plan nor post on it.
        if self.partner_id.has_access("write"):
            actions += self._get_communication_actions()
        for key, label, icon, model_name in (
            ("quote", self.env._("New quotation"), "fa-file-text-o", "sale.order"),
            ("lead", self.env._("New opportunity"), "fa-star-o", "crm.lead"),
        ):
            if self.env[model_name].has_access("create"):
                action = self._get_new_document_action(model_name)
                actions.append(
                    {"key": key, "label": label, "icon": icon, "action": action}
                )
        return actions

    def _get_communication_actions(self):
        phone = self.partner_id.phone
        actions = [
            {
                "key": "call",
                "label": self.env._("Call"),
                "icon": "fa-phone",
                "action": self._get_call_action(),
                "url": f"tel:{phone.replace(' ', '')}" if phone else "",
            }
        ]
        if self.partner_id.email:
            actions.append(
                {
                    "key": "write",
                    "label": self.env._("Write"),
                    "icon": "fa-envelope-o",
                    "action": self._get_composer_action(),
                }
            )
        return [
            *actions,
            {
                "key": "note",
                "label": self.env._("Note"),
                "icon": "fa-sticky-note-o",
                "action": self._get_composer_action("mail.mt_note"),
            },
            {
                "key": "activity",
                "label": self.env._("Activity"),
                "icon": "fa-clock-o",
                "action": self._get_activity_action(),
            },
        ]

    def _get_activity_action(self, **values):
        """Return the dialog that plans an activity, or marks it done at once."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Schedule Activity"),
            "res_model": "mail.activity.schedule",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "active_model": "res.partner",
                "active_id": self.partner_id.id,
                "active_ids": self.partner_id.ids,
                **{f"default_{name}": value for name, value in values.items()},
            },
        }

    def _get_call_action(self):
        """Return the dialog that plans a call, or logs one that was made."""
        call = self.env.ref("mail.mail_activity_data_call", raise_if_not_found=False)
        action = self._get_activity_action(activity_type_id=call.id if call else False)
        return {**action, "name": self.env._("Plan or Log a Call")}

    def _get_composer_action(self, subtype="mail.mt_comment"):
        """Return the dialog that writes to the customer, or about him."""
        is_note = subtype == "mail.mt_note"
        context = {
            "default_model": "res.partner",
            "default_res_ids": self.partner_id.ids,
            "default_composition_mode": "comment",
            "default_subtype_xmlid": subtype,
        }
        if not is_note:
            context["default_partner_ids"] = self.partner_id.ids
            # Stock would take the name that the customer has here.
            context["default_subject"] = self.company_id.name
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Log a Note") if is_note else self.env._("Write"),
            "res_model": "mail.compose.message",
            "views": [(False, "form")],
            "target": "new",
            "context": context,
        }

    def _get_new_document_action(self, model_name, **values):
        """Return a window action on a new document of the customer."""
        return {
            "type": "ir.actions.act_window",
            "res_model": model_name,
            "views": [(False, "form")],
            "context": {
                "default_partner_id": self.partner_id.id,
                **{f"default_{name}": value for name, value in values.items()},
            },
        }

    def _get_form_action(self, document):
        """Return a window action on one document."""
        return {
            "type": "ir.actions.act_window",
            "res_model": document._name,
            "res_id": document.id,
            "views": [(False, "form")],
        }
