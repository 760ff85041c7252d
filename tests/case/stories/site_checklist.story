# U18, U28: the new home. What is wanting becomes a task; only what keeps a camera from working stops the way.
a move that stands at DISMANTLED
----
DISMANTLED
  covered by VISITS

tekla finds the new home without a socket
----
noted DISMANTLED
  tells coordinator, phone_task: No socket within reach: have one put in, or choose another place, and go through the home again.
  task site-socket

tekla mounts ACCC8E004711
----
noted DISMANTLED

tekla finds the new home without the landlord's leave
----
moved DISMANTLED -> INSTALLED
  tells coordinator, phone_task: The landlord has not agreed to screws: phone the landlord, or fasten the camera without them.
  task site-landlord-agrees
  task site-socket is done

tekla finds the new home fit
----
noted INSTALLED
  task site-landlord-agrees is done
