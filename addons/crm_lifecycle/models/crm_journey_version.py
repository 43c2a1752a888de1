from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..journey_steps.cycles import find_cycle


class CrmJourneyVersion(models.Model):
    """The steps of a journey as they were published at one time.

    Published steps don't change: a change draws a new version, and who is on the way
    finishes the one he entered or is moved over by choice.
    """

    _name = "crm.journey.version"
    _description = "Journey Version"
    _order = "journey_id, number DESC"
    _rec_name = "number"

    journey_id = fields.Many2one(
        "crm.journey", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="journey_id.company_id", store=True)
    number = fields.Integer(required=True, default=1)
    state = fields.Selection(
        [("draft", "Draft"), ("published", "Published"), ("retired", "Retired")],
        required=True,
        default="draft",
    )
    date_published = fields.Datetime("Published On", readonly=True)
    step_ids = fields.One2many("crm.journey.step", "version_id")
    start_step_id = fields.Many2one(
        "crm.journey.step", "First Step", ondelete="set null"
    )

    _number_uniq = models.Constraint(
        "UNIQUE(journey_id, number)", "This version of the journey is there already."
    )

    @api.depends("journey_id.name", "number")
    def _compute_display_name(self):
        for version in self:
            version.display_name = f"{version.journey_id.name} ({version.number})"

    def _get_label(self):
        states = dict(self._fields["state"]._description_selection(self.env))
        return self.env._(
            "Version %(number)s (%(state)s)",
            number=self.number,
            state=states[self.state].lower(),
        )

    def _check_draft(self):
        if any(version.state != "draft" for version in self):
            raise UserError(
                self.env._(
                    "Customers are on the way on published steps: make a new version "
                    "and change that."
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        self._check_draft()

    def _check_complete(self):
        """Raise an error that names the steps that can't work as they are."""
        self.ensure_one()
        problems = self._get_problems()
        if problems:
            raise UserError("\n".join(problems))

    def _get_problems(self):
        """Return what keeps this version from being published, as messages."""
        problems = []
        if not self.start_step_id:
            problems.append(
                self.env._(
                    "Journey %s has no first step: draw a line from its start to one.",
                    self.journey_id.name,
                )
            )
        for step in self.step_ids:
            problems += [f"{step.name}: {problem}" for problem in step._get_problems()]
        return problems + self._get_cycle_problems()

    def _get_cycle_problems(self):
        """A circle without waiting would never end."""
        follow = {
            step.id: step.edge_ids.target_id.ids
            for step in self.step_ids
            if not step._takes_time()
        }
        cycle = self.env["crm.journey.step"].browse(find_cycle(follow))
        if not cycle:
            return []
        return [
            self.env._(
                "The steps %s go round in a circle without waiting: put a wait "
                "between them.",
                ", ".join(cycle.mapped("name")),
            )
        ]

    def _copy_to(self, journey, number):
        """Copy the steps with their lines into a new version of ``journey``."""
        self.ensure_one()
        copied = self.create({"journey_id": journey.id, "number": number})
        step_by_origin = {}
        for step in self.step_ids:
            default = {"version_id": copied.id, "uid": step.uid}
            step_by_origin[step] = step.copy(default)
        copied.step_ids.edge_ids.unlink()
        self.env["crm.journey.edge"].create(
            [
                {
                    "step_id": step_by_origin[edge.step_id].id,
                    "outcome": edge.outcome,
                    "weight": edge.weight,
                    "target_id": step_by_origin[edge.target_id].id
                    if edge.target_id
                    else False,
                }
                for edge in self.step_ids.edge_ids
            ]
        )
        if self.start_step_id:
            copied.start_step_id = step_by_origin[self.start_step_id]
        return copied

    def _take_over(self):
        """Move who is on the way on older versions to the same step of this one.

        Who stands on a step that is gone finishes his version.
        """
        self.ensure_one()
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                UPDATE crm_journey_participant participant
                   SET version_id = %(version)s, step_id = step.id
                  FROM crm_journey_step old, crm_journey_step step
                 WHERE old.id = participant.step_id AND step.uid = old.uid
                   AND step.version_id = %(version)s
                   AND participant.journey_id = %(journey)s
                   AND participant.version_id != %(version)s
                   AND participant.state IN ('active', 'parked')
                RETURNING participant.id
                """,
                version=self.id,
                journey=self.journey_id.id,
            )
        )
        self.env["crm.journey.participant"].invalidate_model()
