from . import crm_churn_warning_signal
