"""Cognito user pools: what is done at a risk, how pages look, where logs go, and clients that somebody else made."""

import re

from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Calls, Kind, Properties, Props, Tags, Translation
from localcloud.aws.kinds.cognito_people import parts
from localcloud.aws.kinds.cognito_pools import CLIENT, SERVICE, change_client, client, client_fits, in_pool, stamped

ALL = "ALL"


def of_client(props: Props) -> Props:
    """The arguments that name a pool, or one client of it."""
    found = {"UserPoolId": props["userPoolId"]}
    return found | ({"ClientId": props["clientId"]} if props.get("clientId") else {})


# --- risks


def risk(aws: Aws, risk_id: str, props: Props) -> Props | None:
    """The settings; None when there are none."""
    found = dict(aws(SERVICE, "describe_risk_configuration", **of_client(props))["RiskConfiguration"])
    return found if found.keys() - {"UserPoolId", "ClientId", "LastModifiedDate"} else None


def set_risk(aws: Aws, props: Props) -> str:
    """Send the settings, which is what a change is too."""
    aws(SERVICE, "set_risk_configuration", **RISK.request("set_risk_configuration", props))
    return ":".join(str(v) for v in of_client(props).values())


def risk_fits(props: Props) -> list[tuple[str, str]]:
    """One of the three is there, and who is told has to be named."""
    kinds = "accountTakeoverRiskConfiguration", "compromisedCredentialsRiskConfiguration", "riskExceptionConfiguration"
    found = []
    if not any(props.get(name) for name in kinds):
        found.append((kinds[0], f"missing: give one of {', '.join(map(repr, kinds))}"))
    actions = (props.get(kinds[0]) or {}).get("actions") or {}
    told = any(isinstance(one, dict) and one.get("notify") for one in actions.values())
    if told and not (props.get(kinds[0]) or {}).get("notifyConfiguration"):
        found.append((f"{kinds[0]}.notifyConfiguration", "missing: an action with 'notify' needs it"))
    return found


RISK: Kind = Kind(
    "aws:cognito/riskConfiguration:RiskConfiguration",
    Calls(
        SERVICE, "set_risk_configuration", "{userPoolId}", read=risk, custom_create=set_risk,
        delete=lambda aws, i, props: aws(SERVICE, "set_risk_configuration", **of_client(props)),
        update=lambda aws, i, old, new: set_risk(aws, new), import_id=parts(":", "userPoolId", "clientId"),
    ),
    tags=Tags(None),
    properties=Properties(
        force_new={"userPoolId", "clientId"},
        computed={"compromisedCredentialsRiskConfiguration.eventFilters"},
        unordered={
            "compromisedCredentialsRiskConfiguration.eventFilters", "riskExceptionConfiguration.blockedIpRangeLists",
            "riskExceptionConfiguration.skippedIpRangeLists",
        },
    ),
    translation=Translation(
        rename={
            "riskExceptionConfiguration.blockedIpRangeLists": "BlockedIPRangeList",
            "riskExceptionConfiguration.skippedIpRangeLists": "SkippedIPRangeList",
        },
    ),
    validate=risk_fits,
)  # fmt: skip

# --- pages


def pages(aws: Aws, pages_id: str, props: Props) -> Props | None:
    """How the pages look; None when they are Cognito's own."""
    asked = {"UserPoolId": props["userPoolId"], "ClientId": props.get("clientId") or ALL}
    found = stamped(dict(aws(SERVICE, "get_ui_customization", **asked)["UICustomization"]))
    return found if found.get("CSS") or found.get("ImageUrl") else None


def set_pages(aws: Aws, props: Props) -> str:
    """Send how the pages look, which is what a change is too."""
    asked = {"clientId": ALL} | {k: v for k, v in props.items() if v is not None}
    aws(SERVICE, "set_ui_customization", **PAGES.request("set_ui_customization", asked))
    return f"{props['userPoolId']},{asked['clientId']}"


PAGES: Kind = Kind(
    "aws:cognito/userPoolUICustomization:UserPoolUICustomization",
    Calls(
        SERVICE, "set_ui_customization", "{userPoolId}", read=pages, custom_create=set_pages,
        delete=lambda aws, i, props: aws(
            SERVICE, "set_ui_customization", UserPoolId=props["userPoolId"], ClientId=props.get("clientId") or ALL
        ),
        update=lambda aws, i, old, new: set_pages(aws, new), import_id=parts(",", "userPoolId", "clientId"),
    ),
    tags=Tags(None),
    properties=Properties(
        force_new={"userPoolId", "clientId"}, defaults={"clientId": ALL}, write_only={"imageFile"},
        computed_on_update={"cssVersion", "imageUrl", "lastModifiedDate"},
    ),
    validate=lambda props: [] if props.get("css") or props.get("imageFile") else [
        ("css", "missing: give 'css', 'imageFile' or both")
    ],
)  # fmt: skip

# --- logs


def logs(aws: Aws, pool: str, props: Props) -> Props | None:
    """Where logs go; None when they go nowhere."""
    asked = {"UserPoolId": props.get("userPoolId") or pool}
    found = dict(aws(SERVICE, "get_log_delivery_configuration", **asked)["LogDeliveryConfiguration"])
    return found if found.get("LogConfigurations") else None


def set_logs(aws: Aws, props: Props) -> str:
    """Send all of it, which is what a change is too."""
    aws(SERVICE, "set_log_delivery_configuration", **LOGS.request("set_log_delivery_configuration", props))
    return str(props["userPoolId"])


LOGS: Kind = Kind(
    "aws:cognito/logDeliveryConfiguration:LogDeliveryConfiguration",
    Calls(
        SERVICE, "set_log_delivery_configuration", "{userPoolId}", read=logs, custom_create=set_logs,
        delete=lambda aws, i, props: aws(
            SERVICE, "set_log_delivery_configuration", UserPoolId=props["userPoolId"], LogConfigurations=[]
        ),
        update=lambda aws, i, old, new: set_logs(aws, new), import_id=lambda text: (text, {"userPoolId": text}),
    ),
    tags=Tags(None),
    properties=Properties(force_new={"userPoolId"}, unordered={"logConfigurations"}),
)  # fmt: skip

# --- clients that somebody else made


def taken(aws: Aws, props: Props) -> str:
    """The one client that the pattern or the beginning of a name finds, with the settings of the program."""
    asked = {"UserPoolId": props["userPoolId"], "MaxResults": 60}
    everything = aws(SERVICE, "list_user_pool_clients", **asked)["UserPoolClients"]
    pattern, prefix = props.get("namePattern"), props.get("namePrefix")
    found = [
        one for one in everything
        if (re.search(pattern, one["ClientName"]) if pattern else one["ClientName"].startswith(str(prefix)))
    ]  # fmt: skip
    if len(found) != 1:
        which = f"namePattern {pattern!r}" if pattern else f"namePrefix {prefix!r}"
        raise Refused(f"{which} finds {len(found)} clients of the pool {props['userPoolId']}, where it has to find one")
    change_managed(aws, str(found[0]["ClientId"]), {}, props)
    return str(found[0]["ClientId"])


def change_managed(aws: Aws, client_id: str, old: Props, new: Props) -> None:
    """As of any client, whose name and secret stay."""
    asked = {"UserPoolId": new["userPoolId"], "ClientId": client_id}
    name = aws(SERVICE, "describe_user_pool_client", **asked)["UserPoolClient"]["ClientName"]
    change_client(aws, client_id, old, {k: v for k, v in new.items() if k not in FOUND_BY} | {"name": name})


FOUND_BY = {"namePattern", "namePrefix"}


def found_once(props: Props) -> list[tuple[str, str]]:
    """One of the two says which client it is."""
    given = [name for name in sorted(FOUND_BY) if props.get(name)]
    found = client_fits(props)
    return found if len(given) == 1 else [("namePattern", "give exactly one of 'namePattern', 'namePrefix'"), *found]


MANAGED: Kind = Kind(
    "aws:cognito/managedUserPoolClient:ManagedUserPoolClient",
    Calls(
        SERVICE, "create_user_pool_client", "{userPoolId}", read=client, custom_create=taken,
        # Who made the client keeps it: the official provider only forgets it.
        delete=lambda aws, i, props: None, update=change_managed, import_id=in_pool,
    ),
    tags=Tags(None),
    translation=Translation(rename={"name": "ClientName", **dict.fromkeys(FOUND_BY)}, served=FOUND_BY),
    properties=Properties(
        force_new={"userPoolId", *FOUND_BY}, write_only=FOUND_BY,
        computed=CLIENT.properties.computed, unordered=CLIENT.properties.unordered,
    ),
    validate=found_once,
)  # fmt: skip

ROWS = (RISK, PAGES, LOGS, MANAGED)
