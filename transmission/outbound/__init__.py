"""What leaves for people and programs outside: mails, webhooks, and looks at public addresses."""
