"""The next action for the person at the camera, one sentence pair per way to fail. Plain words; no address, no password, no protocol."""

from provisioner.fault import Text

UNREACHABLE = Text("Kameran svarar inte. Kontrollera att den har ström och nätverk, vänta två minuter och försök igen.",
                   "The camera does not answer. Check that it has power and network, wait two minutes and try again.")
SILENT = Text("Något svarar på adressen men säger inget. Starta om kameran genom att bryta strömmen och försök igen efter två minuter.",
              "Something is at the address but says nothing. Restart the camera by cutting its power and try again after two minutes.")
SLOW = Text("Kameran svarar för långsamt. Kontrollera nätverkskabeln eller flytta kameran närmare täckning och försök igen.",
            "The camera answers too slowly. Check the network cable or move the camera closer to coverage and try again.")
NOT_A_CAMERA = Text("Det som svarar är ingen kamera. Är det rätt adress? Prova port 80, 8000, 8080, 2020 eller 8899.",
                    "What answers is not a camera. Is this the camera's address? Try port 80, 8000, 8080, 2020 or 8899.")
GARBLED = Text("Kameran svarar obegripligt. Starta om den; hjälper det inte, byt kamera och lämna in denna.",
               "The camera's answer makes no sense. Restart it; if that does not help, swap the camera and hand this one in.")
CLOSED = Text("Kameran bröt förbindelsen. Vänta en minut och försök igen; hjälper det inte, starta om den.",
              "The camera ended the connection. Wait a minute and try again; if that does not help, restart it.")
OTHER_CERTIFICATE = Text("Det som svarar är inte den kamera som depån registrerade, eller så har den återställts. Logga inte in; byt kamera och lämna in denna.",
                         "What answers is not the camera that the depot registered, or it has been reset. Do not log in; swap the camera and hand this one in.")
OLD_TLS = Text("Kameran kan bara en föråldrad kryptering. Be depån uppdatera kameran eller ge den en profil som tillåter det.",
               "The camera knows outdated encryption only. Ask the depot to update the camera or to give it a profile that allows this.")
NO_TLS = Text("Det gick inte att tala krypterat med kameran. Är det rätt port? Prova 443, eller be depån registrera kameran utan kryptering.",
              "An encrypted connection to the camera failed. Is it the right port? Try 443, or ask the depot to register the camera without encryption.")
SPENT = Text("Kameran har nekat två lösenord. För att den inte ska låsa sig görs inga fler försök på {minutes} minuter. Be depån kontrollera lösenordet.",
             "The camera has refused two passwords. So that it does not lock itself, none is tried for {minutes} minutes. Ask the depot to check the password.")
WANTS_TLS = Text("Kameran vill bara tala krypterat. Be depån registrera den med kryptering (HTTPS), oftast port 443.",
                 "The camera wants to be spoken to encrypted only. Ask the depot to register it with encryption (HTTPS), mostly port 443.")
NOT_NOTED = Text("Inloggningen kunde inte antecknas och gjordes därför inte. Vänta en minut och försök igen; hjälper det inte, ring driften.",
                 "The login could not be noted down and was not made. Wait a minute and try again; if that does not help, call operations.")
NO_PASSWORD = Text("Kameran kräver inloggning och inget lösenord är känt. Be depån registrera kamerans lösenord.",
                   "The camera needs a login and no password is known. Ask the depot to register the camera's password.")
WRONG_PASSWORD = Text("Kameran godtar inte lösenordet. Försök inte fler gånger; be depån kontrollera lösenordet.",
                      "The camera does not accept the password. Do not try again; ask the depot to check the password.")
WRONG_PASSWORD_FEW = Text("Kameran godtar inte lösenordet och bara {left} försök återstår. Försök inte fler gånger; be depån kontrollera lösenordet.",
                          "The camera does not accept the password and only {left} attempts are left. Do not try again; ask the depot to check it.")
LOCKED = Text("Kameran har låst inloggningen efter för många fel lösenord. Vänta 30 minuter innan nästa försök.",
              "The camera has locked the login after too many wrong passwords. Wait 30 minutes before the next attempt.")
LOCKED_FOR = Text("Kameran har låst inloggningen. Vänta {minutes} minuter innan nästa försök.",
                  "The camera has locked the login. Wait {minutes} minutes before the next attempt.")
CLOCK = Text("Kameran vägrar inloggningen; dess klocka går {offset} fel. Ställ kamerans klocka (NTP) i dess egen webbsida och försök igen.",
             "The camera refuses the login; its clock is {offset} wrong. Set the camera's clock (NTP) in its own web page and try again.")
CLOCK_UNKNOWN = Text("Kameran vägrar inloggningen på grund av tiden. Ställ kamerans klocka (NTP) i dess egen webbsida och försök igen.",
                     "The camera refuses the login because of the time. Set the camera's clock (NTP) in its own web page and try again.")
NOT_ALLOWED = Text("Kontot får inte göra detta på kameran. Be depån ge kontot administratörsrätt.",
                   "The account may not do this on the camera. Ask the depot to make it an administrator.")
BUSY = Text("Kameran är upptagen: för många tittar. Stäng andra visningar, vänta en minut och försök igen.",
            "The camera is busy: too many viewers. Close other views, wait a minute and try again.")
NO_STREAM = Text("Kameran har ingen bild på den adress den själv uppger. Starta om kameran och försök igen.",
                 "The camera has no picture at the address it tells itself. Restart the camera and try again.")
NO_PICTURE = Text("Ingen hel bild kom från kameran. Försök igen; hjälper det inte, starta om kameran.",
                  "No whole picture came from the camera. Try again; if that does not help, restart the camera.")
UNSUPPORTED = Text("Kameran kan inte detta. Använd en kamera som stöder ONVIF Profile S eller T.",
                   "The camera cannot do this. Use a camera that supports ONVIF Profile S or T.")
NO_PLACE = Text("Ingen adress är känd för denna kamera. Be depån registrera kamerans adress och konto.",
                "No address is known for this camera. Ask the depot to register the camera's address and account.")
IN_USE = Text("Någon annan frågar kameran just nu. Vänta en halv minut och försök igen.",
              "Somebody else is asking the camera right now. Wait half a minute and try again.")
ZONE_LOST = Text("Kameran tappade sin tidszon när klockan ställdes. Ställ tidszonen i kamerans egen webbsida.",
                 "The camera lost its time zone when its clock was set. Set the time zone in the camera's own web page.")
