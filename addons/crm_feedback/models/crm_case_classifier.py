from base64 import b64decode, b64encode
from collections import Counter

from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.tools import html2plaintext

from ..case_classifier import TextClassifier, validate

# With fewer cases, or cases per category, nothing can be learned.
MIN_CASES = 100
MIN_PER_CATEGORY = 10
# The newest cases are enough, and training stays within a minute.
MAX_CASES = 20_000
TEXT_MAX = 5_000


class CrmCaseClassifier(models.Model):
    """What a company's own cases teach about the category of the next one, and how
    well: on cases later than those it has learned from, beside two simple rules."""

    _name = "crm.case.classifier"
    _description = "Suggested Categories"
    _rec_name = "company_id"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    min_confidence = fields.Float(
        "Suggest from",
        default=0.6,
        required=True,
        help="A category is suggested from this probability on (0 to 1).",
    )
    date_trained = fields.Datetime("Learned on", readonly=True)
    case_count = fields.Integer("Cases", readonly=True)
    category_count = fields.Integer("Categories", readonly=True)
    tested_count = fields.Integer("Later Cases Judged", readonly=True)
    accuracy = fields.Float("Right", readonly=True)
    majority_accuracy = fields.Float("Right: Most Frequent Category", readonly=True)
    keyword_accuracy = fields.Float("Right: Words of the Name", readonly=True)
    confident_share = fields.Float("Suggested", readonly=True)
    confident_accuracy = fields.Float("Right when Suggested", readonly=True)
    model_data = fields.Binary(readonly=True, attachment=True)

    _company_uniq = models.UniqueIndex(
        "(company_id)", "A company has one set of suggested categories."
    )
    _confidence_share = models.Constraint(
        "CHECK (min_confidence BETWEEN 0 AND 1)",
        "The confidence is a share between 0 and 1.",
    )

    # ------------------------------------------------------------
    # Learning
    # ------------------------------------------------------------

    def action_train(self):
        for classifier in self:
            if not classifier._train():
                raise UserError(
                    self.env._(
                        "There is too little to learn from yet: %(cases)s cases with a "
                        "category are needed, %(each)s in each of two categories.",
                        cases=MIN_CASES,
                        each=MIN_PER_CATEGORY,
                    )
                )

    @api.model
    def _cron_train(self):
        for company in self.env["res.company"].search([("active", "=", True)]):
            self._get_or_create(company)._train()

    @api.model
    def _get_or_create(self, company):
        classifier = self.search([("company_id", "=", company.id)])
        return classifier or self.create({"company_id": company.id})

    def _train(self):
        """Learn from the company's cases; return whether there was enough."""
        self.ensure_one()
        texts, labels = self._read_examples()
        if len(texts) < MIN_CASES or len(set(labels)) < 2:
            return False
        categories = self.env["crm.case.category"].sudo().browse(set(labels))
        names = {category.id: category.complete_name for category in categories}
        found = validate(texts, labels, names, self.min_confidence)
        # What is used learns from all, the newest cases too.
        content = TextClassifier.train(texts, labels).to_bytes()
        self.sudo().write(
            {
                "model_data": b64encode(content),
                "date_trained": fields.Datetime.now(),
                "case_count": len(texts),
                "category_count": len(names),
                "tested_count": found.tested,
                "accuracy": found.accuracy,
                "majority_accuracy": found.majority,
                "keyword_accuracy": found.keyword,
                "confident_share": found.confident,
                "confident_accuracy": found.confident_accuracy,
            }
        )
        return True

    def _read_examples(self):
        """Return texts and category ids of the cases, the oldest first."""
        cases = self.env["crm.case"].sudo()
        newest = cases.search_fetch(
            [("company_id", "=", self.company_id.id), ("category_id", "!=", False)],
            ["name", "description", "category_id"],
            order="date_received desc, id desc",
            limit=MAX_CASES,
        )
        counts = Counter(case.category_id.id for case in newest)
        kept = newest.filtered(
            lambda case: counts[case.category_id.id] >= MIN_PER_CATEGORY
        )[::-1]
        texts = [self._read_text(case) for case in kept]
        return texts, [case.category_id.id for case in kept]

    @api.model
    def _read_text(self, case):
        words = html2plaintext(case.description or "", include_references=False)
        return f"{case.name or ''}\n{words}"[:TEXT_MAX]

    # ------------------------------------------------------------
    # Suggesting
    # ------------------------------------------------------------

    def _suggest(self, cases):
        """Return the (category, confidence) of each case, none where it is unsure."""
        self.ensure_one()
        categories = self.env["crm.case.category"]
        if not self.model_data or not cases:
            return {case: (categories, 0) for case in cases}
        model = self._load(self.id, self.date_trained)
        found = model.predict([self._read_text(case) for case in cases])
        there = categories.browse({label for label, _share in found}).exists()
        result = {}
        for case, (label, share) in zip(cases, found, strict=True):
            sure = share >= self.min_confidence and label in there.ids
            result[case] = (categories.browse(label if sure else []), share)
        return result

    @tools.ormcache("classifier_id", "date_trained")
    def _load(self, classifier_id, date_trained):
        """Return the classifier; it takes a tenth of a second to unpack."""
        # The web client asks for sizes in place of contents.
        classifier = self.browse(classifier_id).sudo().with_context(bin_size=False)
        content = classifier.model_data
        return TextClassifier.from_bytes(b64decode(content))
