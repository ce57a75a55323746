"""A Prefect plugin: `prefect deployment run train-mashup` works without the flow's name.

Prefect's command line asks the server for `<flow>/<deployment>` and refuses a name without
a slash before anything is sent. This resolves a bare name when exactly one deployment has it.
It is loaded by every Prefect command in this folder, so it imports nothing at module level.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.plugins import register_hook

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient
    from prefect.client.schemas.responses import DeploymentResponse


@register_hook
def setup_environment(*, ctx: Any) -> None:  # noqa: ARG001  (the hook's signature)
    """Teach this process's Prefect client the short names; calling it twice changes nothing."""
    from prefect.client.orchestration import PrefectClient

    by_full_name = PrefectClient.read_deployment_by_name
    if getattr(by_full_name, "knows_short_names", False):
        return

    async def read_deployment_by_name(self: PrefectClient, name: str) -> DeploymentResponse:
        return await by_full_name(self, await full_name(self, name))

    read_deployment_by_name.__dict__["knows_short_names"] = True
    setattr(PrefectClient, by_full_name.__name__, read_deployment_by_name)


async def full_name(client: PrefectClient, name: str) -> str:
    """Return `<flow>/<deployment>` for a deployment's bare name.

    A name that has its slash already is returned as it is; one that no deployment has
    becomes `name/name`, so that Prefect's own "not found" message follows.

    Raises
    ------
    ValueError
        If several deployments share the name.
    """
    from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName

    if "/" in name:
        return name
    found = await client.read_deployments(
        deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=[name]))
    )
    if len(found) > 1:
        raise ValueError(
            f"expected one deployment named {name!r}, found {len(found)}; "
            "write <flow name>/<deployment name> instead"
        )
    flow_name = (await client.read_flow(found[0].flow_id)).name if found else name
    return f"{flow_name}/{name}"
