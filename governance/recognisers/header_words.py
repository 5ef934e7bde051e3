"""Words of headers, by the kind of data they name, in the main European languages.

Terms are folded (lower case, no accents) and written without spaces or hyphens between their words where
_terms() removes them; several words of a term are joined with a hyphen here only to be readable.
"""

from collections import defaultdict


def word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _terms(vocabulary: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """Compact term -> the kinds it names."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for kind, terms in vocabulary.items():
        for term in terms.split():
            kinds[term.replace("-", "")].append(kind)
    return {term: tuple(found) for term, found in kinds.items()}


# Terms that name one kind of data and hardly anything else.
CLEAR = _terms(
    {
        "EMAIL": """
            email e-mail emails email-address e-mail-address mail-address email-id mailadresse
            e-mail-adresse email-adresse adresse-email adresse-mail courriel correo correo-electronico
            posta-elettronica indirizzo-email endereco-email emailadres e-mailadres e-mail-adres epost
            e-post sahkoposti
        """,
        "PHONE": """
            phone phones phone-number phone-no phone-num telephone telephone-number tel telno tel-no
            telefon telefonnummer telefonnr mobile-number mobile-phone mobile-no mobil mobilnummer
            mobiltelefon handy handynummer cell-phone cellphone cell-number home-phone work-phone
            contact-number contact-phone telefono telefone telemovel celular movil portable-tel
            numero-telephone numero-de-telephone num-tel cellulare telefoonnummer telefoon gsm fax
            fax-number fax-no faxnummer telefax msisdn whatsapp puhelin puhelinnumero rufnummer festnetz
            durchwahl
        """,
        "PERSON": """
            first-name firstname fname given-name givenname forename last-name lastname lname surname
            family-name middle-name middle-initial initials mname maiden-name birth-name full-name
            fullname person-name name-first
            name-last first-names last-names second-name vorname nachname familienname zuname geburtsname
            rufname prenom nom-de-famille nom-famille nom-complet nom-prenom prenom-nom apellido apellidos
            nombre-completo nombres primer-apellido segundo-apellido nome-completo cognome sobrenome
            apelido primeiro-nome ultimo-nome voornaam achternaam familienaam tussenvoegsel fornamn
            efternamn fornavn etternavn efternavn imie nazwisko etunimi sukunimi cardholder-name
            card-holder-name card-holder cardholder name-on-card account-holder account-holder-name
            kontoinhaber karteninhaber titulaire contact-name contact-person contact-first-name
            contact-last-name ansprechpartner employee-name emp-name patient-name student-name
            passenger-name guest-name member-name person-first-name staff-name teacher-name doctor-name
            player-name mother-name father-name spouse-name customer-first-name user-full-name
            display-full-name next-of-kin head-of-state head-of-government prime-minister
            beneficiary-name mitarbeitername patientenname nome-cognome
            nombre-y-apellidos nombre-apellidos
        """,
        "CREDIT_CARD": """
            credit-card credit-card-number credit-card-no creditcard cc-number cc-num cc-no ccn
            card-number card-num card-no cardno pan-number payment-card debit-card debit-card-number
            kreditkarte kreditkartennummer kartennummer carte-bancaire numero-carte numero-de-carte
            carte-de-credit tarjeta tarjeta-credito numero-tarjeta tarjeta-de-credito carta-di-credito
            numero-carta cartao cartao-de-credito numero-cartao creditcardnummer personal-credit-card
        """,
        "US_SSN": """
            ssn social-security social-security-number social-security-no social-sec-no soc-sec ss-number
            ssn-number ssnumber us-ssn
        """,
        "IBAN": """
            iban iban-number iban-code bank-account bank-account-number bank-account-no bankaccount
            kontonummer kontonr bankverbindung bankkonto cuenta-bancaria numero-cuenta compte-bancaire
            numero-compte conto-corrente conto-bancario conta-bancaria rekeningnummer bankrekening
            bankrekeningnummer kontonummer bankkontonummer acct-number account-iban rib bban
        """,
        "IP_ADDRESS": """
            ip ip-address ip-addr ipaddress ipaddr ipv ip-v client-ip remote-ip source-ip src-ip srcip
            dst-ip dstip dest-ip destination-ip host-ip remote-addr ip-adresse adresse-ip direccion-ip
            indirizzo-ip endereco-ip ip-adres
        """,
        "DATE_OF_BIRTH": """
            birth-date birthdate birthday bday dob date-of-birth date-birth d-o-b birth-dt born birth-year
            year-of-birth yob birth-month birth-day month-of-birth geburtsdatum geburtstag geburtsjahr
            geb-datum gebdat geb-dat date-naissance date-de-naissance naissance annee-naissance
            fecha-nacimiento fecha-de-nacimiento nacimiento fec-nac fecha-nac ano-nacimiento data-nascita
            data-di-nascita nascita anno-nascita data-nascimento data-de-nascimento nascimento
            geboortedatum geboortejaar geboorte fodelsedatum fodselsdato fodselsdag data-urodzenia
            rok-urodzenia syntymaaika
        """,
        "ADDRESS": """
            street-address home-address postal-address mailing-address billing-address shipping-address
            delivery-address residential-address address-line full-address street street-name house-number
            street-number strasse strassenname hausnummer anschrift wohnadresse postanschrift
            lieferadresse rechnungsadresse rue adresse-postale adresse-complete calle direccion domicilio
            indirizzo via-e-numero residenza endereco logradouro morada straat straatnaam huisnummer
            gatuadress gateadresse ulica adres-zamieszkania katuosoite ship-address customer-address
            po-box postfach street-line apartment apartment-number apt apt-number addr
        """,
        "LOCATION": """
            city town village hometown home-town municipality country native-country country-name
            country-code county
            postcode post-code postal-code postalcode zip zip-code zipcode pincode pin-code plz
            postleitzahl ort wohnort stadt gemeinde bundesland landkreis staat land wohnsitz ville commune
            departement code-postal pays cp ciudad municipio provincia codigo-postal poblacion localidad
            pais comunidad-autonoma citta comune paese nazione cap cidade municipio concelho distrito
            estado uf cep codigo-postal woonplaats plaats gemeente postkode provincie stad postnummer
            postort kommun kommune lan miasto kod-pocztowy wojewodztwo kraj kaupunki postinumero
            place-of-birth birthplace birth-place geburtsort lieu-de-naissance lieu-naissance
            lugar-nacimiento luogo-di-nascita luogo-nascita naturalidade geboorteplaats residence
            country-of-residence birth-country latitude longitude lat lng lon geo-location geolocation
            coordinates gps neighborhood neighbourhood locality suburb borough state-code state-province
            province us-state
        """,
        "NATIONAL_ID": """
            national-id national-id-number national-identification national-insurance
            national-insurance-number nino nin personal-id-number identity-number identity-card id-card
            id-card-number passport passport-number passport-no passport-id reisepass reisepassnummer
            passnummer passeport numero-passeport pasaporte passaporto passaporte paspoort paspoortnummer
            personalausweis ausweisnummer personalausweisnummer steuer-id steuer-idnr
            steueridentifikationsnummer sozialversicherungsnummer svnr rentenversicherungsnummer
            numero-securite-sociale securite-sociale nir insee dni nie nif codice-fiscale cod-fiscale
            codfisc cpf rg cartao-cidadao bsn burgerservicenummer sofinummer rijksregisternummer
            personnummer fodselsnummer cpr cpr-nummer hetu henkilotunnus pesel aadhaar aadhar
            aadhaar-number pan-card tax-id tax-id-number tax-identification-number tin itin taxpayer-id
            sin social-insurance-number social-insurance nhs-number nhs-no medicare-number
            health-insurance-number curp cnp egn amka rodne-cislo tckn tc-kimlik-no cedula rut resident-id
            national-number ahv ahv-nummer avs
        """,
        "GENDER": """
            gender sex geschlecht sexe genre-personne sexo genero sesso genere geslacht kon kjonn plec
            sukupuoli gender-identity
        """,
        "AGE": """
            age age-years age-in-years age-yrs alter edad eta idade leeftijd alder wiek patient-age
            customer-age
        """,
        "NRP": """
            race ethnicity ethnic-group ethnic-origin ethnie nationality nationalitat staatsangehorigkeit
            staatsburgerschaft nationalite nacionalidad nazionalita cittadinanza nacionalidade
            nationaliteit citizenship religion religious-affiliation konfession religionszugehorigkeit
            religione religiao religie godsdienst political-party political-affiliation party-affiliation
            political-opinion sexual-orientation race-ethnicity raca etnia
        """,
        "USERNAME": """
            username user-name userid-name login login-name user-login loginname nickname nick nick-name
            screen-name screenname handle twitter-handle account-name benutzername anmeldename nutzername
            nom-utilisateur nom-d-utilisateur identifiant usuario nombre-usuario nombre-de-usuario
            nome-utente nome-de-usuario nome-usuario gebruikersnaam anvandarnamn
        """,
        "PASSWORD": """
            password passwd pwd passwort kennwort mot-de-passe mdp contrasena clave-acceso senha
            wachtwoord losenord passord haslo passphrase password-hash pass-hash hashed-password
            encrypted-password secret-answer security-answer api-key secret-key access-token private-key
        """,
        "CVV": """
            cvv cvc cvn cvv-code cvc-code cc-cvc cc-cvv card-cvv card-cvc security-code card-security-code
            card-verification prufziffer-karte kartenprufnummer cryptogramme
        """,
        "PIN": """pin card-pin pin-number cc-pin atm-pin pin-nummer""",
        "DRIVER_LICENSE": """
            driver-license drivers-license driver-licence driving-license driving-licence
            driver-license-number drivers-license-number driving-licence-number dl-number dl-no
            license-no-driver fuhrerschein fuhrerscheinnummer permis-de-conduire permis-conduire
            carnet-de-conducir patente-di-guida patente rijbewijs rijbewijsnummer korkort
            carta-de-conducao cnh
        """,
        "VIN": """
            vin vin-number vehicle-identification-number chassis-number fahrgestellnummer fin
            fahrzeug-ident numero-chasis numero-chassis telaio chassisnummer
        """,
        "URL": """
            url website web-site homepage home-page webpage web-page profile-url linkedin linkedin-url
            facebook-url twitter-url webseite internetseite site-web pagina-web sito-web sito link uri
        """,
    }
)

# Terms that may name the kind and often name something else; values or neighbours must say so too.
HINTS = _terms(
    {
        "EMAIL": "mail recipient sender from to login contact username correo-e reply-to",
        "PHONE": "mobile cell contact portable fixe handset caller callee calling-number called-number",
        "PERSON": """
            name names nom nombre nome naam namn navn imie-nazwisko customer customer-name client
            client-name contact author authors owner employee player actor director manager teacher doctor
            physician agent seller buyer host host-name tenant artist speaker passenger patient student
            member user user-name person people candidate winner athlete composer writer editor reviewer
            assignee reporter creator created-by updated-by approved-by modified-by assigned-to kunde
            kundenname mitarbeiter auteur autor autore eigentumer inhaber proprietaire propietario
            empleado cliente dipendente klant medewerker spouse father mother child beneficiary applicant
            borrower driver nurse coach captain pilot judge attorney lawyer officer victim suspect subject
            laureate senator representative mayor president recipient sender holder payee payer signatory
            lead supervisor boss sales-rep salesperson rep account-manager leader head attendee
            participant respondent display-name maiden middle first last given family firstname-lastname
            initials full starring cast nominee recipient-name witness voter founder ceo insured
            policyholder resident landlord guest traveler traveller donor volunteer instructor professor
            bearbeiter sachbearbeiter verkaufer kaufer lehrer arzt vertreter vendedor comprador medico
            profesor alumno paciente professeur eleve medecin vendeur acheteur
        """,
        "CREDIT_CARD": "cc card payment-number card-id karte carte cart pan account-number",
        "US_SSN": "social ss tax-id tin taxpayer-id",
        "IBAN": """
            account account-number account-no acct acct-no konto compte cuenta conto conta rekening
            bank-details beneficiary-account payer-account
        """,
        "IP_ADDRESS": "client-address remote host addr address source destination src dst server",
        "DATE_OF_BIRTH": "birth geburt geb nasc nac naiss",
        "ADDRESS": """
            address addresses adresse adressen adres adresa adress osoite residence location lieu line
            place-address site road avenue via rua carrera weg
        """,
        "LOCATION": """
            state region area place location province district department locale origin destination
            birth-city zone canton kanton location-name nation plaza continent territory
        """,
        "NATIONAL_ID": """
            id-number id-no identification personal-number personal-code person-number tax-number
            steuernummer citizen-id resident-number government-id document-number doc-number
            insurance-number versicherungsnummer social-number identity ni-number tax-code health-card
        """,
        "AGE": "years yrs jahre",
        "NRP": "ethnic nation party origin faith denomination caste tribe partei parti partito",
        "USERNAME": """
            user account author login-id member profile alias twitter instagram github skype
            slack discord screen handle-name
        """,
        "PASSWORD": "pass secret token hash salt pw passcode",
        "CVV": "cid verification-code csc",
        "PIN": "passcode code",
        "DRIVER_LICENSE": "license licence license-number licence-number license-no dl",
        "VIN": "vehicle chassis vehicle-id",
        "URL": "web site image-url picture photo avatar domain href",
    }
)

_ABOUT = {
    "person": """
            person people customer client patient employee emp student user member passenger contact guest
            player author teacher applicant voter resident donor subscriber staff worker individual owner
            participant cardholder holder personal home private billing mitarbeiter kunde kunden patienten
            personne salarie eleve empleado alumno persona dipendente cliente pessoa medewerker persoon
            customers clients patients employees students users members passengers contacts guests players
            authors teachers applicants voters residents donors subscribers people persons accounts hr crm
            profiles victims suspects inmates candidates prisoners nominees
        """,
    "organisation": """
            company companies firm business organisation organization org employer supplier suppliers
            vendor vendors store stores shop shops restaurant restaurants hotel hotels school schools
            university universities college colleges bank banks branch branches airport airports airline
            airlines station stations office offices department departments dept team teams club clubs
            brand brands manufacturer manufacturers agency agencies merchant merchants institution inst
            institute hospital hospitals clinic clinics pharmacy provider providers carrier carriers
            shipper shippers publisher publishers facility facilities firma unternehmen filiale lieferant
            hersteller schule entreprise societe fournisseur magasin ecole empresa proveedor tienda
            azienda fornitore negozio ente loja fornecedor bedrijf leverancier winkel issuing corporate hq
            headquarters warehouse plant venue venues museum museums library libraries league franchise
            studio label network partner ship
        """,
    "thing": """
            product products item items file files table column field event events city cities country
            countries category categories project projects course courses song songs track tracks album
            albums movie movies film films book books game games car cars model models make color colour
            material species animal plant dish recipe ingredient cuisine server servers machine device
            devices domain domains app application software package packages version versions browser os
            sensor sensors job jobs task tasks order orders invoice invoices payment payments method type
            types status group groups class classes currency bucket schema database variable param
            parameter feature setting metric test plan tag street road river mountain lake park region
            state county district language drug medicine disease gene protein chemical compound element
            stock ticker fund index symbol artikel produkt produkte datei produit fichier producto archivo
            prodotto produto bestand host hostname breed genre genus crop vehicle flight route stop
            ship-name locale font icon planet star
        """,
}
ABOUT: dict[str, str] = {word: kind for kind, words in _ABOUT.items() for word in words.split()}

# After the data's name these say that the column holds something about it: email_verified, phone_type.
ASIDE_AFTER = word_set(
    """
    id ids key type kind status flag verified valid validated confirmed count counts cnt total length len
    size provider format source category level group groups range band bucket score rank index consent
    optin opt preference preferences enabled disabled active changed updated created expires expiry
    expired expiration sent opened clicked bounced match matched error errors percent percentage pct rate
    ratio avg mean sum min max std limit quality issuer brand network color colour allowed required
    present exists is has hashlen timestamp ts desc description area population gdp distance elevation
    altitude tz timezone iso fips typ art anzahl nombre-de tipo stato statut estatus klasse gruppe
    quantity price cost amount balance unknown missing title abbr kb mb pages views visits clicks url uri
    domain median mode estimate delta diff growth forecast
    """
)
ASIDE_BEFORE = word_set(
    """
    is has have had num nb no number count total avg average mean median min max sum std n pct percent
    percentage rate ratio can should allow allows requires include includes with without days hours
    minutes seconds years anzahl ist hat nombre est tiene per unique distinct valid verified last-changed
    delta diff
    """
)
