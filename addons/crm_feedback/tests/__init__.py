from . import test_service_clock
from . import test_net_promoter_score
from . import test_crm_case
from . import test_crm_case_pause
from . import test_crm_case_team
from . import test_intake
from . import test_crm_routing_rule
from . import test_crm_sla_policy
from . import test_crm_sla_status
from . import test_crm_root_cause
from . import test_crm_corrective_action
from . import test_crm_feedback
from . import test_crm_feedback_program
from . import test_crm_nps_report
from . import test_crm_customer_profile
from . import test_crm_dashboard
from . import test_shipped_configuration
from . import test_security
from . import test_portal
from . import test_help_pages
from . import test_satisfaction
from . import test_second_question
from . import test_crm_case_classifier
from . import test_crm_knowledge_article
from . import test_portal_access
from . import test_portal_self_service
from . import test_tours
from . import test_partner_merge
from . import test_survey_invite
from . import test_crm_journey_step
from . import test_crm_case_line
from . import test_crm_case_macro
from . import test_crm_case_merge
from . import test_crm_case_relation
from . import (
    test_crm_sla_escalation,
    test_service_level_promises,
    test_sla_hand_computed,
    test_sla_time_zones,
)
from . import test_case_dispatch, test_helpdesk_replay, test_routing_desk
from . import test_crm_case_compensation
from . import test_crm_service_contract
from . import test_crm_case_visit
from . import test_intake_loops
from . import test_intake_by_hand
from . import test_complaint_rates
from . import test_complaint_improvement
from . import test_contact_centre, test_crm_case_report
from . import test_crm_quality_cost_report
from . import test_compensation_tour
