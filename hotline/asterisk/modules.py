"""The modules of Asterisk that the house uses; nothing else is loaded.

Hidden dependencies are listed too (res_agi wants res_speech, app_mixmonitor wants app_chanspy
and several functions, …): with ``autoload=no`` Asterisk finds none by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hotline.asterisk.errors import MissingModulesError

PRELOAD = ("res_sorcery_config", "res_sorcery_memory", "res_sorcery_astdb")

REQUIRED = (
    "res_timing_timerfd",
    "res_crypto",
    "res_http_websocket",
    "res_rtp_asterisk",
    "res_srtp",
    "res_pjproject",
    "res_pjsip",
    "res_pjsip_session",
    "res_pjsip_sdp_rtp",
    "res_pjsip_endpoint_identifier_user",
    "res_pjsip_endpoint_identifier_ip",
    "res_pjsip_authenticator_digest",
    "res_pjsip_outbound_authenticator_digest",
    "res_pjsip_registrar",
    "res_pjsip_transport_websocket",
    "res_pjsip_nat",
    "res_pjsip_dtmf_info",
    "res_pjsip_caller_id",
    "chan_pjsip",
    "pbx_config",
    "bridge_simple",
    "bridge_native_rtp",
    "bridge_softmix",
    "bridge_holding",
    "bridge_builtin_features",
    "app_dial",
    "app_queue",
    "app_playback",
    "app_read",
    "func_periodic_hook",
    "app_chanspy",
    "func_cut",
    "func_groupcount",
    "func_uri",
    "app_mixmonitor",
    "app_record",
    "app_stack",
    "app_userevent",
    "app_verbose",
    "app_exec",
    "app_while",
    "app_cdr",
    "res_musiconhold",
    "res_speech",
    "res_agi",
    "codec_ulaw",
    "codec_alaw",
    "codec_a_mu",
    "codec_resample",
    "format_pcm",
    "format_wav",
    "format_sln",
    "func_callerid",
    "func_channel",
    "func_logic",
    "func_strings",
    "func_global",
    "func_timeout",
    "func_db",
    "func_math",
    "func_cdr",
    "func_devstate",
    "func_rand",
    "func_hangupcause",
    "func_dialplan",
    "cdr_custom",
)

OPTIONAL = (
    "res_security_log",
    "res_pjsip_rfc3326",
    "res_pjsip_header_funcs",
    "res_pjsip_logger",
    "res_pjsip_pubsub",
    "res_pjsip_outbound_publish",
    "res_pjsip_exten_state",
    "res_pjsip_refer",
    "res_pjsip_path",
    "res_pjsip_diversion",
    "res_pjsip_outbound_registration",
    "res_pjsip_empty_info",
    "res_pjsip_dlg_options",
    "res_manager_devicestate",
    "res_mutestream",
    "res_format_attr_opus",
    "codec_opus",
    "codec_opus_open_source",
    "codec_g722",
    "codec_gsm",
    "format_gsm",
    "func_pjsip_endpoint",
    "func_pjsip_contact",
    "func_pjsip_aor",
    "func_sorcery",
    "func_env",
    "func_uuid",
    "func_lock",
    "func_json",
    "func_volume",
    "func_base64",
    "func_md5",
    "app_bridgewait",
    "app_bridgeaddchan",
    "app_confbridge",
    "app_blind_transfer",
    "app_attended_transfer",
    "app_transfer",
    "app_channelredirect",
    "app_originate",
    "app_controlplayback",
    "app_softhangup",
    "app_playtones",
    "app_senddtmf",
    "app_waitforcond",
    "app_waitforsilence",
    "app_talkdetect",
    "app_db",
    "app_if",
    "app_echo",
    "app_milliwatt",
)

_HIDDEN = {"cdr_custom": ("res_cdrel_custom",)}
"""What a module wants in newer releases only; loaded before it where it exists."""


@dataclass(frozen=True)
class Choice:
    """What ``modules.conf`` names, as file names."""

    preload: tuple[str, ...]
    required: tuple[str, ...]
    optional: tuple[str, ...]


def choose(available: Iterable[str]) -> Choice:
    """Pick from the ``available`` modules (names without ``.so``).

    Raises:
        MissingModulesError: a required one is missing; names them all.
    """
    there = set(available)
    missing = [name for name in (*PRELOAD, *REQUIRED) if name not in there]
    if missing:
        raise MissingModulesError(
            f"这个 Asterisk 缺少所需模块：{'、'.join(missing)}。请安装带有这些模块的 Asterisk，"
            "或清空 hotline.toml 的 asterisk.executable 后执行 hotline asterisk install。",
            modules=missing,
        )
    required: list[str] = []
    for name in REQUIRED:
        required += [hidden for hidden in _HIDDEN.get(name, ()) if hidden in there]
        required.append(name)
    optional = [name for name in OPTIONAL if name in there]
    return Choice(_files(PRELOAD), _files(required), _files(optional))


def _files(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{name}.so" for name in names)
