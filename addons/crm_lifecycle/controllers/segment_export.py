from odoo.http import Controller, content_disposition, request, route

MIME_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class SegmentExport(Controller):
    @route(
        "/crm_lifecycle/segment/<model('crm.segment'):segment>/export/"
        "<any(csv,xlsx):file_type>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def export_segment(self, segment, file_type):
        """Download the members of a segment, with the rights of the user."""
        content = getattr(segment, f"_export_{file_type}")()
        name = content_disposition(f"{segment.name}.{file_type}")
        return request.make_response(
            content,
            [("Content-Type", MIME_TYPES[file_type]), ("Content-Disposition", name)],
        )
