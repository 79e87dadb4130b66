"""A scripted server that speaks the OpenAI protocol."""
