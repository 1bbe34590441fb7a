import type { z } from "zod";
import type { Privileges, SeLinuxContext } from "../../../core/model/container-spec.ts";
import { dockerObject, flag, lean, text } from "./schema.ts";

const seLinux = dockerObject({ Disable: flag, User: text, Role: text, Type: text, Level: text });

/** All but `CredentialSpec`, which is for Windows. */
export const privilegesSchema = dockerObject({
  SELinuxContext: seLinux.optional(),
  Seccomp: dockerObject({ Mode: text, Profile: text }).optional(),
  AppArmor: dockerObject({ Mode: text }).optional(),
  NoNewPrivileges: flag,
});

type DockerPrivileges = z.infer<typeof privilegesSchema>;

/** As nobody has said anything. */
export const noPrivileges: Privileges = {
  noNewPrivileges: false,
  seccompMode: "",
  seccompProfile: "",
  appArmorMode: "",
  seLinux: null,
};

export function privilegesOf(docker: DockerPrivileges): Privileges {
  const { SELinuxContext, Seccomp, AppArmor, NoNewPrivileges } = docker;
  return {
    noNewPrivileges: NoNewPrivileges ?? false,
    seccompMode: Seccomp?.Mode ?? "",
    seccompProfile: Seccomp?.Profile ?? "",
    appArmorMode: AppArmor?.Mode ?? "",
    seLinux: SELinuxContext === undefined ? null : seLinuxOf(SELinuxContext),
  };
}

export function dockerPrivileges(privileges: Privileges): DockerPrivileges {
  const { noNewPrivileges, seccompMode, seccompProfile, appArmorMode, seLinux: own } = privileges;
  return lean({
    ...(own === null ? {} : { SELinuxContext: dockerSeLinux(own) }),
    Seccomp: lean({ Mode: seccompMode, Profile: seccompProfile }),
    AppArmor: lean({ Mode: appArmorMode }),
    NoNewPrivileges: noNewPrivileges,
  });
}

function seLinuxOf(docker: z.infer<typeof seLinux>): SeLinuxContext {
  const { Disable = false, User = "", Role = "", Type = "", Level = "" } = docker;
  return { disable: Disable, user: User, role: Role, type: Type, level: Level };
}

function dockerSeLinux({ disable, user, role, type, level }: SeLinuxContext) {
  return { Disable: disable, ...lean({ User: user, Role: role, Type: type, Level: level }) };
}
