from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL


class ResPartner(models.Model):
    _inherit = "res.partner"

    crm_birthday = fields.Date("Birthday")
    crm_profile_id = fields.Many2one(
        "crm.customer.profile",
        "Customer Profile",
        compute="_compute_crm_profile_id",
        groups="crm_lifecycle.crm_lifecycle_group_user",
        help="Of the commercial entity, in the current company.",
    )
    crm_segment_member_ids = fields.One2many(
        "crm.segment.member",
        "partner_id",
        "Segments",
        domain=[("date_left", "=", False)],
        groups="crm_lifecycle.crm_lifecycle_group_user",
    )
    crm_consent_ids = fields.One2many(
        "crm.consent",
        "partner_id",
        "Consents",
        groups="crm_lifecycle.crm_lifecycle_group_user",
    )

    def _compute_crm_profile_id(self):
        profiles = self.env["crm.customer.profile"].search(
            [
                ("partner_id", "in", self.commercial_partner_id.ids),
                ("company_id", "=", self.env.company.id),
            ]
        )
        profile_by_partner = {profile.partner_id: profile for profile in profiles}
        for partner in self:
            partner.crm_profile_id = profile_by_partner.get(
                partner.commercial_partner_id
            )

    def write(self, vals):
        if not {"parent_id", "is_company"} & vals.keys():
            return super().write(vals)
        customer_by_partner = {
            partner: partner.commercial_partner_id for partner in self
        }
        result = super().write(vals)
        moved = self.filtered(
            lambda partner: partner.commercial_partner_id
            != customer_by_partner[partner]
        )
        if moved:
            moved.sudo()._follow_commercial_entity()
        return result

    def _follow_commercial_entity(self):
        """Give the events of these people to the company that they now belong to.

        Profiles of those who stand for themselves no longer are deleted, the others
        are computed anew.
        """
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                WITH person AS (
                    SELECT id, commercial_partner_id AS customer FROM res_partner
                     WHERE id IN %(people)s
                ), gone AS (
                    DELETE FROM crm_customer_profile profile USING person
                     WHERE profile.partner_id = person.id
                       AND person.customer != person.id
                    RETURNING profile.id
                ), waiting AS (
                    DELETE FROM crm_customer_profile_refresh stale USING person
                     WHERE stale.partner_id = person.id AND person.customer != person.id
                    RETURNING stale.id
                ), moving AS (
                    SELECT event.id, event.partner_id AS old_customer, person.customer,
                           event.company_id
                      FROM crm_customer_event event
                      JOIN person ON person.id = event.contact_id
                     WHERE event.partner_id != person.customer
                ), moved AS (
                    UPDATE crm_customer_event event SET partner_id = moving.customer
                      FROM moving WHERE moving.id = event.id RETURNING event.id
                )
                INSERT INTO crm_customer_profile_refresh (partner_id, company_id)
                SELECT DISTINCT customer.id, moving.company_id
                  FROM moving, unnest(ARRAY[old_customer, customer]) customer (id)
                  JOIN res_partner partner ON partner.id = customer.id
                   AND partner.commercial_partner_id = customer.id
                RETURNING id
                """,
                people=self.with_context(active_test=False)
                .search([("id", "child_of", self.ids)])
                ._ids,
            )
        )
        self.env.invalidate_all()
        self.env["crm.customer.profile"]._wake_refresh()

    def action_open_customer_360(self):
        """Open the 360 view of the customer, whose profile is made if it has none."""
        self.ensure_one()
        if self.sudo().commercial_partner_id.crm_is_erased:
            raise UserError(
                self.env._(
                    "%s was erased at the person's own request: there is nothing left "
                    "to show but the documents that have to be kept.",
                    self.display_name,
                )
            )
        if not self.crm_profile_id:
            self.env["crm.customer.profile"]._refresh(self)
            self.invalidate_recordset(["crm_profile_id"])
        if not self.crm_profile_id:
            raise AccessError(
                self.env._(
                    "%s is the customer of another salesperson or company. Ask a sales "
                    "manager if you should see all customers.",
                    self.display_name,
                )
            )
        return self.crm_profile_id.action_open_360()
