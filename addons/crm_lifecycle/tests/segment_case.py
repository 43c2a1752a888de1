from .lifecycle_case import LifecycleCase


class SegmentCase(LifecycleCase):
    """Three customers, and segments that hold some of them by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bert = cls._create_customer("Bert Ltd")
        cls.cleo = cls._create_customer("Cleo Ltd")
        cls.everybody = cls.customer | cls.bert | cls.cleo

    @classmethod
    def _create_static(cls, name, customers):
        segment = cls.env["crm.segment"].create({"name": name, "kind": "static"})
        cls.env["crm.segment.member"].create(
            [{"segment_id": segment.id, "partner_id": c.id} for c in customers]
        )
        return segment
