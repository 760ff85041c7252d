# D14: the camera is broken; another takes its place. The old one goes into quarantine.
a move that stands at BOOKED
----
BOOKED
  covered by CAMERA

anna wants SWAP to LK-004711
----
refused asset_number: That is the asset number. Scan the new camera's serial number.

anna wants SWAP to ACCC8E004711
----
refused not_a_serial: Scan the new camera's label.

anna wants SWAP to B8A44F001122
----
moved BOOKED -> SWAP
  because: SWAP: BOOKED -> SWAP

anna has visits acknowledged
----
noted SWAP
  owes suspend_binding within 30 s
  covered by VISITS
  wakes at 12:00:30

the centre does suspend_binding
----
noted SWAP
  because: the registry completed suspend_binding
  owes swap_camera within 30 s
noted SWAP
  because: retained state SUSPENDED revision 4

the centre does swap_camera
----
moved SWAP -> LOOKS_SUSPENDED
  because: the registry completed swap_camera
  tells coordinator, phone_task: The camera whose serial ends in 4711: clear it and put it into quarantine. It has been swapped out.
  task quarantine-4711
  wakes at 19:00
noted LOOKS_SUSPENDED
  because: retained state SUSPENDED revision 5

# In the old home still hangs the old camera, and that is the one to take down.
tekla dismantles B8A44F001122
----
refused other_camera: That is another camera than the case's. Is it the right case and the right camera?

tekla dismantles ACCC8E004711
----
moved LOOKS_SUSPENDED -> DISMANTLED

tekla mounts ACCC8E004711
----
refused other_camera: What was scanned is the serial number of another of our cameras. Check that you hold the right camera and have the right case before you.

tekla finds the new home fit
----
noted DISMANTLED

tekla mounts B8A44F001122
----
moved DISMANTLED -> INSTALLED

anna finishes the task quarantine-4711
----
noted INSTALLED
  task quarantine-4711 is done

a move that stands at LOOKS_SUSPENDED
----
LOOKS_SUSPENDED
  covered by VISITS

anna wants SWAP to B8A44F001122
----
moved LOOKS_SUSPENDED -> SWAP
  because: SWAP: LOOKS_SUSPENDED -> SWAP
  owes swap_camera within 30 s
  wakes at 12:00:30

# That one is live elsewhere: another is taken.
the centre rejects swap_camera with SERIAL_ALREADY_BOUND
----
noted SWAP
  because: rejected: SERIAL_ALREADY_BOUND
  tells coordinator, phone_task: swap_camera: The alarm centre rejected the command (SERIAL_ALREADY_BOUND). Compare with it, then say: try again.
  task stuck-camera_swapped
  wakes at 19:00

anna wants SWAP to B8A44F003344
----
moved SWAP -> SWAP
  because: SWAP: SWAP -> SWAP
  owes swap_camera within 30 s
  wakes at 12:00:30

the centre does swap_camera
----
moved SWAP -> LOOKS_SUSPENDED
  because: the registry completed swap_camera
  tells coordinator, phone_task: The camera whose serial ends in 4711: clear it and put it into quarantine. It has been swapped out.
  task quarantine-4711
  task stuck-camera_swapped is done
  wakes at 19:00
noted LOOKS_SUSPENDED
  because: retained state SUSPENDED revision 5

# Going back now means to hang the new camera up in the old home.
anna wants ROLL_BACK
----
moved LOOKS_SUSPENDED -> ROLLING_BACK
  because: ROLL_BACK: LOOKS_SUSPENDED -> ROLLING_BACK

tekla did camera_back_at_old_home
----
noted ROLLING_BACK

tekla scans B8A44F003344
----
noted ROLLING_BACK
  owes read_identity within 20 s
  wakes at 12:00:20

the camera says it is B8A44F003344
----
noted ROLLING_BACK
  because: identity confirmed: It is the right camera. Go on.
  because: The scanned label agrees with the expected serial number. (strong)
  because: The serial number that the camera tells after login agrees with the expected serial number. (strong)
  wakes at 19:00

tekla holds up the code 1234
----
noted ROLLING_BACK
  owes hide_code within 20 s
  wakes at 12:00:20
noted ROLLING_BACK
  because: no older code in the picture
  owes test_look within 30 s
  wakes at 12:00:30

# It breaks too.
anna wants SWAP to B8A44F005566
----
moved ROLLING_BACK -> SWAP
  because: SWAP: ROLLING_BACK -> SWAP
  owes swap_camera within 30 s

the centre does swap_camera
----
moved SWAP -> LOOKS_SUSPENDED
  because: the registry completed swap_camera
  tells coordinator, phone_task: The camera whose serial ends in 3344: clear it and put it into quarantine. It has been swapped out.
  task quarantine-3344
  wakes at 19:00
noted LOOKS_SUSPENDED
  because: retained state SUSPENDED revision 6

a move that stands at DISMANTLED
----
DISMANTLED
  covered by VISITS

anna wants SWAP to B8A44F001122
----
moved DISMANTLED -> SWAP
  because: SWAP: DISMANTLED -> SWAP
  owes swap_camera within 30 s
  wakes at 12:00:30

the centre does swap_camera
----
moved SWAP -> DISMANTLED
  because: the registry completed swap_camera
  because: SWAP -> LOOKS_SUSPENDED
  because: LOOKS_SUSPENDED -> DISMANTLED
  tells coordinator, phone_task: The camera whose serial ends in 4711: clear it and put it into quarantine. It has been swapped out.
  task quarantine-4711
  wakes at 19:00
noted DISMANTLED
  because: retained state SUSPENDED revision 5

a move that stands at INSTALLED
----
INSTALLED
  covered by VISITS

anna wants SWAP to B8A44F001122
----
moved INSTALLED -> SWAP
  because: SWAP: INSTALLED -> SWAP
  owes swap_camera within 30 s
  wakes at 12:00:30

the centre does swap_camera
----
moved SWAP -> DISMANTLED
  because: the registry completed swap_camera
  because: SWAP -> LOOKS_SUSPENDED
  because: LOOKS_SUSPENDED -> DISMANTLED
  tells coordinator, phone_task: The camera whose serial ends in 4711: clear it and put it into quarantine. It has been swapped out.
  task quarantine-4711
  wakes at 19:00
noted DISMANTLED
  because: retained state SUSPENDED revision 5

a move that stands at IDENTITY_VERIFIED
----
IDENTITY_VERIFIED
  covered by VISITS

anna wants SWAP to B8A44F001122
----
noted IDENTITY_VERIFIED

the centre does prepare_binding
----
moved IDENTITY_VERIFIED -> SWAP
  because: new binding in TEST
  because: SWAP: IDENTITY_VERIFIED -> SWAP
  owes retire_binding within 30 s
dropped: nothing follows from it
noted SWAP
  because: retained state TEST revision 1

the centre does retire_binding
----
noted SWAP
  because: the registry completed retire_binding
  owes swap_camera within 30 s
dropped: nothing follows from it
noted SWAP
  because: retained state RETIRED revision 2

the centre does swap_camera
----
moved SWAP -> DISMANTLED
  because: the registry completed swap_camera
  because: SWAP -> LOOKS_SUSPENDED
  because: LOOKS_SUSPENDED -> DISMANTLED
  tells coordinator, phone_task: The camera whose serial ends in 4711: clear it and put it into quarantine. It has been swapped out.
  task quarantine-4711
  wakes at 19:00
noted DISMANTLED
  because: retained state SUSPENDED revision 5

a move that stands at VIEW_CHECKED
----
VIEW_CHECKED
  covered by VISITS

anna wants SWAP to B8A44F001122
----
moved VIEW_CHECKED -> SWAP
  because: SWAP: VIEW_CHECKED -> SWAP
  owes retire_binding within 30 s
  wakes at 12:00:30

a move that stands at SIGN_PLACED
----
SIGN_PLACED
  covered by VISITS

anna wants SWAP to B8A44F001122
----
moved SIGN_PLACED -> SWAP
  because: SWAP: SIGN_PLACED -> SWAP
  owes retire_binding within 30 s
  wakes at 12:00:30

a move that stands at TEST_LOOK_OK
----
TEST_LOOK_OK
  covered by VISITS

anna wants SWAP to B8A44F001122
----
noted TEST_LOOK_OK

the centre rejects rebind_camera with SITE_UNKNOWN
----
moved TEST_LOOK_OK -> SWAP
  because: rejected: SITE_UNKNOWN
  because: SWAP: TEST_LOOK_OK -> SWAP
  owes retire_binding within 30 s
  tells coordinator, phone_task: rebind_camera: The alarm centre rejected the command (SITE_UNKNOWN). Compare with it, then say: try again.
  task stuck-rebind_completed

a move that stands at BOOKED
----
BOOKED
  covered by CAMERA

# The camera was not broken after all: the looks never stopped.
anna wants SWAP to B8A44F001122
----
moved BOOKED -> SWAP
  because: SWAP: BOOKED -> SWAP

anna wants ROLL_BACK
----
moved SWAP -> ROLLED_BACK
  because: ROLL_BACK: SWAP -> ROLLING_BACK
  because: ROLLING_BACK -> ROLLED_BACK
