"""One function per script of the platform: (platform, request) → answer."""
