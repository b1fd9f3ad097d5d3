"""Mail that comes in: kept first, read in a process of its own, and filed where it belongs (docs/inbound-mail.md).

`child` and what it uses (`mime`, `leaves`, `html_text`, `fold`, `signs`, `reports`) know no framework and run apart,
with limits on memory and time. The rest runs in `manage.py receive_mail`, a lane of its own.
"""
