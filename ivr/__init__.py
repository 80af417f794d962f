"""The voice menu (IVR): model, checks, compiler to dialplan, prompts and a simulator."""
