# U19, R28, R29: nobody opens. Before the camera is down nothing has changed; afterwards somebody is called at once.
a move that stands at BOOKED
----
BOOKED
  covered by CAMERA

tekla finds nobody at home for the dismantling
----
noted BOOKED
  tells coordinator, phone_task: Nobody opened for the dismantling: phone the contact in the form and book both times anew.
  task rebook-1

anna has visits acknowledged
----
noted BOOKED
  wakes at 2026-11-30 12:00

tekla begins the dismantling
----
refused not_booked_anew: Nobody opened the last time: book both times anew first.

# Another case has promised that time.
anna books while technician-tekla is in 2026-0009 from 13:30 to 14:20
----
refused technician_busy: technician-tekla is booked in case 2026-0009 2026-11-23 14:30+01:00 to 2026-11-23 15:20+01:00, and 30 minutes are needed between. Choose another time or another technician.

anna books while technician-tekla is in 2026-0009 from 12:00 to 12:30
----
noted BOOKED
  task rebook-1 is done

tekla begins the dismantling
----
noted BOOKED
  owes suspend_binding within 30 s
  covered by VISITS
  wakes at 12:00:30

# The looks are suspended, and now nobody opens: the home is on visits, and stays so.
the centre does suspend_binding
----
moved BOOKED -> LOOKS_SUSPENDED
  because: the registry completed suspend_binding
  wakes at 19:00
noted LOOKS_SUSPENDED
  because: retained state SUSPENDED revision 4

tekla finds nobody at home for the installation
----
refused wrong_visit: The camera is not down yet, or is up already.

tekla finds nobody at home for the dismantling
----
noted LOOKS_SUSPENDED
  tells coordinator, phone_task: Nobody opened for the dismantling: phone the contact in the form and book both times anew.
  task rebook-2

anna books
----
noted LOOKS_SUSPENDED
  task rebook-2 is done

tekla dismantles ACCC8E004711
----
moved LOOKS_SUSPENDED -> DISMANTLED

tekla finds nobody at home for the installation
----
noted DISMANTLED
  tells on_call, escalation: Nobody opened for the installation and the camera is down: the home is on visits. Reach somebody now, book anew today, or roll the move back.
  task no-access-3

# A visit that has been is not moved.
anna books with dismantle_from=12:30
----
refused dismantled_already: The camera is down already: book only the installation anew, and leave the time of the dismantling as it is.

anna books with dismantle_from=13:00, dismantle_to=14:00, install_from=18:00, install_to=18:30
----
noted DISMANTLED
  task no-access-3 is done

tekla finds the new home fit
----
noted DISMANTLED

tekla mounts ACCC8E004711
----
moved DISMANTLED -> INSTALLED
