"""The offline provider: the engine's protocol in front, a cloud behind (`resource`), whichever it is."""
