from . import (
    case_complaint_mixin,
    case_intake_mixin,
    case_portal_mixin,
    case_service_level_mixin,
    crm_case_stage,
    crm_case_category,
    crm_case_resolution,
    crm_root_cause,
    crm_corrective_action,
    crm_case_team,
    crm_case_pause,
    crm_sla_policy,
    crm_sla_status,
    crm_routing_rule,
    crm_case,
    crm_feedback_program,
    crm_feedback,
    crm_customer_profile,
    crm_customer_profile_timeline,
    mail_thread,
    rating_rating,
    res_partner,
    sale_order,
    survey_user_input,
)
from . import crm_contact_hold
from . import crm_contact_policy
from . import crm_privacy_request
from . import crm_journey_step
from . import utm_campaign
from . import (
    account_move,
    crm_case_answer,
    crm_case_incident,
    crm_case_line,
    crm_case_link,
    crm_case_macro,
    crm_case_merge,
    crm_case_product,
    crm_case_relation,
    crm_case_split,
    crm_customer_profile_case,
    sale_order_line,
)
