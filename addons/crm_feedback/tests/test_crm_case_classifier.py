from collections import Counter
from datetime import datetime, timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..case_classifier import TextClassifier, validate
from .feedback_case import FeedbackCase
from .shared_data import read_shared

WORDS = {
    "Delivery": ("truck late", "parcel lost", "carrier never came", "courier delay"),
    "Billing": ("invoice wrong", "tax number", "charged twice", "discount forgotten"),
}


@tagged("post_install", "-at_install")
class TestCrmCaseClassifier(FeedbackCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case.search([]).category_id = False
        cls.classifier = cls.env["crm.case.classifier"]._get_or_create(cls.env.company)
        cls.categories = {
            name: cls.env["crm.case.category"].create({"name": name}) for name in WORDS
        }

    def _create_examples(self, count):
        """Create as many cases of each category, one a day."""
        start = datetime(2026, 1, 1)
        self.case.create(
            [
                {
                    "name": f"{words[number % len(words)]} again",
                    "description": f"<p>Order {number}: {words[number % 3]}</p>",
                    "category_id": self.categories[name].id,
                    "team_id": self.team.id,
                    "date_received": start + timedelta(days=number),
                }
                for number in range(count)
                for name, words in WORDS.items()
            ]
        )

    def test_the_company_s_own_cases_suggest_the_category(self):
        self._create_examples(60)
        self.classifier.with_user(self.service_manager).action_train()
        self.assertEqual(self.classifier.case_count, 120)
        self.assertEqual(self.classifier.tested_count, 30)
        self.assertGreater(self.classifier.accuracy, 0.9)
        self.assertAlmostEqual(self.classifier.majority_accuracy, 0.5)
        case = self._create_case(name="The carrier was late").with_user(self.agent)
        # As the web client reads it.
        case = case.with_context(bin_size=True)
        self.assertEqual(case.suggested_category_id, self.categories["Delivery"])
        self.assertGreater(case.suggestion_confidence, 0.6)
        case.action_accept_category()
        self.assertEqual(case.category_id, self.categories["Delivery"])
        self.assertFalse(case.suggested_category_id)

    def test_nothing_is_suggested_when_unsure_or_without_learning(self):
        case = self._create_case(name="The carrier was late")
        self.assertFalse(case.suggested_category_id)
        self._create_examples(60)
        self.classifier.action_train()
        stranger = self._create_case(name="Zebra unicorn")
        self.assertFalse(stranger.suggested_category_id)
        self.classifier.min_confidence = 1
        case.invalidate_recordset()
        self.assertFalse(case.suggested_category_id)

    def test_too_few_cases_are_said(self):
        self._create_examples(20)
        with self.assertRaises(UserError):
            self.classifier.action_train()
        self.assertFalse(self.classifier.date_trained)

    def test_another_company_s_cases_teach_nothing(self):
        self._create_examples(60)
        other = self.env["res.company"].create({"name": "Other"})
        self.env["crm.case.classifier"]._cron_train()
        theirs = self.env["crm.case.classifier"].search([("company_id", "=", other.id)])
        self.assertFalse(theirs.date_trained)
        self.assertTrue(self.classifier.date_trained)

    def test_what_is_stored_predicts_the_same(self):
        texts = ["a late truck", "a wrong invoice", "the zebra sleeps"] * 4
        for labels in ([1, 2, 1] * 4, [1, 2, 3] * 4):
            model = TextClassifier.train(texts, labels)
            stored = TextClassifier.from_bytes(model.to_bytes())
            self.assertEqual(stored.predict(texts[:3]), model.predict(texts[:3]))
            self.assertEqual([found[0] for found in model.predict(texts[:2])], [1, 2])

    def test_two_labels_get_the_probabilities_of_scikit_learn(self):
        from sklearn.linear_model import LogisticRegression

        from ..case_classifier.text_classifier import STRENGTH, _make_vectorizer

        texts, labels = ["late truck", "late parcel", "wrong bill"], [1, 1, 2]
        features = _make_vectorizer().fit_transform(texts)
        expected = LogisticRegression(C=STRENGTH, max_iter=1000).fit(features, labels)
        shares = expected.predict_proba(features).max(axis=1)
        found = TextClassifier.train(texts, labels).predict(texts)
        for share, (_label, confidence) in zip(shares, found, strict=True):
            self.assertAlmostEqual(share, confidence, places=4)

    def test_published_complaints_of_later_months(self):
        """1,526 texts of the CFPB (products with 20 or more), last quarter judged."""
        rows = [
            row for row in read_shared("cfpb_complaints.csv.gz") if row["narrative"]
        ]
        counts = Counter(row["product"] for row in rows)
        rows = [row for row in rows if counts[row["product"]] >= 20]
        rows.sort(key=lambda row: (row["date_received"], row["complaint_id"]))
        names = dict(enumerate(sorted({row["product"] for row in rows})))
        number = {name: label for label, name in names.items()}
        found = validate(
            [row["narrative"] for row in rows],
            [number[row["product"]] for row in rows],
            names,
            min_confidence=0.6,
        )
        self.assertEqual((len(rows), found.tested), (1526, 382))
        self.assertAlmostEqual(found.majority, 0.607, places=3)
        self.assertAlmostEqual(found.keyword, 0.534, places=3)
        self.assertGreater(found.accuracy, 0.78)
        self.assertGreater(found.confident, 0.65)
        self.assertGreater(found.confident_accuracy, 0.85)
