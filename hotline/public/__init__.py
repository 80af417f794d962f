"""The public's door: the service catalogue, applications, progress, stations, law in plain words.

Nobody signs in here. What a visitor may do with one case rests on its number and code
(:mod:`hotline.public.following`); what a visitor may open rests on the service files.
"""
