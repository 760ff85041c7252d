"""The camera adapter: ONVIF, RTSP and HTTP on one side, `ports.Camera` on the other. No rules of the routine live here.

    adapter.py    OnvifCamera: what the daemon calls; one lock and one kept session per camera
    probe.py      everything that can be found out about a camera, item by item, for `provisioner camera probe`
    visit.py      what one operation does: identity; a frame, judged and wiped
    onvif.py      one visit: the calls, in the order that cameras forgive
    login.py      which credentials, on which level, and when to stop trying
    soap.py       zeep over our own HTTP, with limits
    wsdl.py       the service descriptions, parsed once per process
    frames.py     the first frame, by snapshot or RTSP
    rtsp.py       DESCRIBE by ourselves, to know why a stream does not come
    http.py, net.py, digest.py      bytes: limits on time and size, keep-alive, RFC 7616
    faults.py, hints.py, errors.py  every way to fail, and the sentence for the person at the door
    profile.py    limits of a device family, from `device_profiles/`
    places.py, settings.py          what the rest of the daemon gives us

Importing this package is cheap; `warm_up` imports and parses what a first visit would otherwise wait for.
"""
