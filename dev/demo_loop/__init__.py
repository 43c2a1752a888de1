"""The loop that ``dev/demo.py`` runs once, a file per part.

The program behaves as people do: it presses buttons and starts scheduled actions in a
session of the web client, sends e-mails to the gateway, and reads what customers get.
"""
