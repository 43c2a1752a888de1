from . import test_live_chat_held
