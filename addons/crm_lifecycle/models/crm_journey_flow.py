from odoo import models


class CrmJourneyFlow(models.Model):
    """What the flow shows of a journey: steps, lines, and how many went where."""

    _inherit = "crm.journey"

    def get_flow(self, version_id=None):
        """Return a version of the journey for the flow.

        :param int version_id: without it the draft, else the current version
        :return: journey, version, versions, steps, edges, counts, kinds, problems
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        version = self.env["crm.journey.version"].browse(version_id)
        version = version or self.draft_version_id or self.version_id
        steps = version.step_ids
        counts = self._get_flow_counts(steps)
        return {
            "journey": {
                "id": self.id,
                "name": self.name,
                "state": self.state,
                "state_label": dict(
                    self._fields["state"]._description_selection(self.env)
                )[self.state],
                "start": self._get_start_text(),
                "document": self.document_name,
                "entered": self.entered_count,
                "can_write": self.has_access("write"),
            },
            "version": {
                "id": version.id,
                "number": version.number,
                "state": version.state,
                "start_step_id": version.start_step_id.id,
            },
            "versions": [
                {"id": other.id, "label": other._get_label()}
                for other in self.version_ids
            ],
            "steps": [
                {
                    "id": step.id,
                    "name": step.name,
                    "kind": step.kind,
                    "x": step.x,
                    "y": step.y,
                    "outcomes": [
                        {"key": key, "label": label}
                        for key, label in step._get_outcomes().items()
                    ],
                    "problem": step.problem,
                    "text": step._get_text(),
                    **counts["step"].get(step.id, {"waiting": 0, "parked": 0}),
                }
                for step in steps
            ],
            "edges": [
                {
                    "id": edge.id,
                    "step_id": edge.step_id.id,
                    "outcome": edge.outcome,
                    "target_id": edge.target_id.id,
                    "weight": edge.weight,
                }
                for edge in steps.edge_ids
            ],
            "counts": counts["outcome"],
            "kinds": self._get_flow_kinds(),
            "problems": version._get_problems() if version.state == "draft" else [],
        }

    def save_places(self, place_by_id):
        """Save where the steps lie, after they were arranged.

        :param dict place_by_id: x and y by the id of a step of this journey
        """
        self.check_access("write")
        for step in self.version_ids.step_ids:
            place = place_by_id.get(str(step.id)) or place_by_id.get(step.id)
            if place:
                step.write({"x": int(place["x"]), "y": int(place["y"])})

    def _get_flow_kinds(self):
        step = self.env["crm.journey.step"]
        looks = step._get_kinds()
        return [
            {
                "key": key,
                "label": label,
                "icon": looks[key][0],
                "group": looks[key][1],
                "closed": step._get_closed_reason(key),
            }
            for key, label in step._fields["kind"]._description_selection(self.env)
        ]

    def _get_flow_counts(self, steps):
        """Count who stands at each step and who took each way from it."""
        at_step = {}
        for step, state, count in self.env["crm.journey.participant"]._read_group(
            [("step_id", "in", steps.ids), ("state", "in", ("active", "parked"))],
            ["step_id", "state"],
            ["__count"],
        ):
            numbers = at_step.setdefault(step.id, {"waiting": 0, "parked": 0})
            numbers["waiting" if state == "active" else "parked"] = count
        outcomes = [
            {"step_id": step.id, "outcome": outcome, "count": count}
            for step, outcome, count in self.env["crm.journey.trace"]._read_group(
                [("step_id", "in", steps.ids)], ["step_id", "outcome"], ["__count"]
            )
        ]
        return {"step": at_step, "outcome": outcomes}

    def _get_start_text(self):
        """Say in words what lets customers enter."""
        if self.trigger == "event":
            return self.event_type_id.sudo().name or ""
        if self.trigger in ("segment_entered", "segment_left"):
            return f"{self._get_event_type().name}: {self.segment_id.name or ''}"
        if self.trigger == "date":
            field = self.date_field_id.sudo().field_description or ""
            return f"{field} {self.date_offset:+d}" if self.date_offset else field
        return dict(self._fields["trigger"]._description_selection(self.env))["manual"]
