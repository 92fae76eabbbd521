"""Where webhooks may go, how they are signed, when they are sent again."""
