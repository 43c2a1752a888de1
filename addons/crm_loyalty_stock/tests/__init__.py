from . import test_crm_churn_warning_signal
