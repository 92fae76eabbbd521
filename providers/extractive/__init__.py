"""The built-in models: small, free, offline, deterministic. They copy and rank what was said; they write nothing new.

They need no provider and no key, so that an analysis is possible when every provider is down. Door: `answering.py`.
"""
