"""Small documents of every family, written for the tests."""

from __future__ import annotations

import io
import zipfile

NIR = "1850575001001"
IDFLUX = "F1testAAAA-BBBB.CCCC_dd"


def pas_rates(count: int = 2, kind: str = "CRM nominatif") -> bytes:
    employees = "".join(
        f"<salarie><NIR>{NIR}</NIR><matricule>M{number:05}</matricule>"
        f"<taux_imposition_PAS>{number % 43}.50</taux_imposition_PAS></salarie>"
        for number in range(count)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><g:rapport xmlns:g="http://www.gip-mds.fr/" '
        f'profil="DSN" type="{kind}" version="v09r99" identifiant="77"><envoi>'
        f"<envoi_identification><idflux>{IDFLUX}</idflux></envoi_identification><envoi_bilan>"
        "<envoi_etat>OK</envoi_etat></envoi_bilan></envoi><declaration>"
        "<declaration_identification><SIREN>999999998</SIREN><nic_affectation>00019"
        "</nic_affectation></declaration_identification><declaration_bilan><etat>OK</etat>"
        f"{employees}</declaration_bilan></declaration></g:rapport>"
    ).encode()


def neores(*actions: str, nature: str = "119", state: str = "ANO", prefix: str = "") -> bytes:
    """`prefix`: of the namespace, with its colon."""
    form = f'xmlns{":" + prefix[:-1] if prefix else ""}="https://gipmds/1.0"'
    verdict = f"<RO_B003><RO_B003_R002>{state}</RO_B003_R002></RO_B003>" if state else ""
    text = (
        f"<RO><RO_R001>P99V09</RO_R001><RO_B000><RO_B000_R001>{IDFLUX}</RO_B000_R001>"
        "<RO_B000_R004>99999999800019</RO_B000_R004><RO_B000_R006>2026-10-01</RO_B000_R006>"
        "<RO_B000_R013>02</RO_B000_R013></RO_B000><RO_B001><RO_B001_R001>01</RO_B001_R001>"
        f"<RO_B002><RO_B002_R002>{nature}</RO_B002_R002><RO_B002_R003>Essai</RO_B002_R003>"
        f"<RO_B002_R005>Caisse A</RO_B002_R005>{verdict}{''.join(actions)}</RO_B002></RO_B001></RO>"
    )
    text = text.replace("</", "\0").replace("<", f"<{prefix}").replace("\0", f"</{prefix}")
    return f"<{prefix}GIPMDS {form}>{text}</{prefix}GIPMDS>".encode()


def action(code: str = "A1", kind: str = "01", people: int = 1, rubriques: int = 1) -> str:
    persons = "".join(
        f"<RO_B006><RO_B006_R001>{NIR}</RO_B006_R001><RO_B006_R005>M{n}</RO_B006_R005></RO_B006>"
        for n in range(people)
    )
    values = "".join(
        f"<RO_B007><RO_B007_R001>S21.G00.78.{n:03}</RO_B007_R001><RO_B007_R002>1</RO_B007_R002>"
        "<RO_B010><RO_B010_R001>2</RO_B010_R001></RO_B010><RO_B010><RO_B010_R001>3"
        "</RO_B010_R001></RO_B010></RO_B007>"
        for n in range(rubriques)
    )
    return (
        f"<RO_B004><RO_B004_R001>{code}</RO_B004_R001><RO_B004_R002>Écart.</RO_B004_R002>"
        f"<RO_B004_R003>{kind}</RO_B004_R003><RO_B004_R009>{people}</RO_B004_R009>"
        f"<RO_B004_R013>À corriger.</RO_B004_R013><RO_B005>{persons}{values}</RO_B005></RO_B004>"
    )


def oc(code: str = "1", kind: str = "3", returns: str = "") -> bytes:
    return (
        '<?xml version="1.0" encoding="ISO-8859-1"?>'
        f'<Fichier VersionCRM="999" IdEnvoi="{IDFLUX}" TypCRM="{kind}" CodeEnvoi="02" '
        'SiretEmetteur="99999999800019" VersionNorme="P26V01"><Declaration NatureDecla="01" '
        'SirenDecla="999999998" NicAffectation="00019" NomProducteurCRM="Mutuelle générale" '
        f'CodeRetourDecla="{code}">{returns}</Declaration></Fichier>'
    ).encode("latin-1")


def oc_return(code: str, critical: str = "P") -> str:
    return (
        f'<RetourMetier IdRetour="1" CodeRetourMetier="{code}" CriticiteRetour="{critical}" '
        'LibelCodeRetourMetier="Affiliation inconnue" RubriqueBlocRetour="S21.G00.70.013" '
        'LibelRubBlocRetour="Affiliation"><ContexteRetourMetier Rubrique="S21.G00.30.001" '
        f'Libelle="NIR" Valeur="{NIR}"/></RetourMetier>'
    )


def bpij() -> bytes:
    payment = (
        "<Prestation><CodeNature>IJN</CodeNature><DateDebPrest>2026-10-05</DateDebPrest>"
        "<DateFinPrest>2026-10-09</DateFinPrest><NbIJ>5</NbIJ><PU>41.47</PU>"
        "<Montant>207.35</Montant></Prestation>"
    )

    def person(nir: str, name: str, below: str) -> str:
        return (
            f"<Assure><NIR>{nir}</NIR><Nom>{name}</Nom><Prenom>A</Prenom><Assurance><CodeNature>AS"
            f"</CodeNature>{payment * 2}</Assurance>{below}</Assure>"
        )

    late = "<Rappel><Numero>9</Numero><Montant>10.00</Montant></Rappel>"
    return (
        '<BPIJ xmlns="www.cnamts.fr/tlsemp/IJ" Nature="BPIJ" Version="09.99">'
        "<Identification>42</Identification><Declarant><Identite R='1'>99999999800019</Identite>"
        "<Declare><Identite R='1'>99999999800027</Identite><Caisse><CodeCPAM>751</CodeCPAM>"
        f"{person(NIR, 'MARTIN', '')}{person('2850575001002', 'DUBOIS', late)}</Caisse></Declare>"
        "</Declarant></BPIJ>"
    ).encode()


def archive(**members: bytes) -> bytes:
    """A ZIP; `__` in the name of a member stands for a dot."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name.replace("__", "."), content)
    return stream.getvalue()
