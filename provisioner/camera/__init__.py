"""The camera adapter: ONVIF, RTSP and HTTP on one side, `ports.Camera` on the other. No rules of the routine live here.

    adapter.py    OnvifCamera: what the daemon calls; one lock and one kept session per camera
    posture.py    how it is set (D15): posture_ask.py asks, posture_wire.py tries, posture_set.py sets right
    checkup.py    everything that can be found out about it without setting anything, for `provisioner camera check`
    finding.py    which cameras there are: WS-Discovery, and a sweep of a given range
    visit.py      what one operation does: identity; a frame, judged and wiped; the race of snapshot and stream
    onvif.py      one visit: the calls, in the order that cameras forgive; Media2 first, Media1 after
    login.py      which credentials, on which level, signed with whose time; challenge.py the same for snapshot and stream
    attempts.py   the lock-out budget, which the store keeps across restarts and processes
    soap.py       zeep writes by the service's description, over our own HTTP; reading.py reads what comes back
    wsdl.py       the service descriptions, parsed once per process; media2.wsdl is our own
    frames.py     stills and decoding; rtsp.py, sdp.py, pictures.py the stream, down to whole pictures
    http.py, net.py, digest.py      bytes: limits on time and size, keep-alive, TLS with a pin, RFC 7616
    faults.py, hints.py, errors.py  every way to fail, and the sentence for the person at the door; progress.py while it goes well
    profile.py, profiles.py, policies.py   manners of a device family, from `device_profiles/`
    places.py, settings.py          what the rest of the daemon gives us

Importing this package is cheap; `warm_up` imports and parses what a first visit would otherwise wait for.
"""
