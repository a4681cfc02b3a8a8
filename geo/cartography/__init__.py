"""Classify, colour and draw: print figures and offline web maps.

Import from the modules themselves; matplotlib and folium load only where they are needed.
"""
