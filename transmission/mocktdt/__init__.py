"""mock-tdt: a stand-alone program that speaks S²LOW's HTTP API and plays the ministry.

From Python: :class:`transmission.mocktdt.mock.MockTdt`. From a shell: ``mock-tdt``.
"""
