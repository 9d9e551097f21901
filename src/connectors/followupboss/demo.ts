import type { DemoPart } from "../../connector-kit/manifest.ts";

/** Harbor & Pine sells with it: agents in the team of their office, three administrators, every seat taken. */
export const demo: DemoPart = {
  name: "crm",
  settings: { seats: 65, protected: ["nora.whitlock@harborpine.example", "integrations@harborpine.example"] },
  rules: [
    {
      name: "crm-administrators",
      when: {
        email: ["nora.whitlock@harborpine.example", "omar.hale@harborpine.example", "rosa.ellis@harborpine.example"],
      },
      give: { crm: { role: "Admin" } },
    },
    { name: "sales-gets-crm", when: { department: "Sales" }, give: { crm: { role: "Agent", team: "{office} Team" } } },
  ],
  leaver: { leads: "manager", final: "delete", grace: "0d" },
};
